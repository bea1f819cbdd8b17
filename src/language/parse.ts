import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import { Ellipsis, GraddError } from '../engine/index.ts';
import type { Ast } from './ast.ts';
import { syntaxError } from './errors.ts';
import { parseNumber, parseString } from './literals.ts';
import { type Item, toSteps } from './operators.ts';

export interface ParseLimits {
  /** Characters. */
  maxLength: number;
  /** Brackets within brackets. */
  maxDepth: number;
  /** Names, numbers and operators. */
  maxNodes: number;
}

/** What was parsed, with the names that it uses. */
export interface Parsed {
  readonly text: string;
  readonly root: Ast;
  readonly names: ReadonlyMap<string, number>;
}

const exceeded = (what: string, limit: number, name: string): GraddError =>
  new GraddError('limit-exceeded', `The expression ${what} than the limit of ${limit} (${name})`, {
    path: ['expression'],
  });

const opens = '([{';
const closes = ')]}';

/** Checks length and brackets before the parser sees the text. */
function checkBrackets(text: string, { maxLength, maxDepth }: ParseLimits): void {
  if (text.length > maxLength)
    throw exceeded(`is longer (${text.length} characters)`, maxLength, 'MAX_EXPRESSION_LENGTH');
  const open: number[] = [];
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quote !== '') {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
      continue;
    }
    if (c === '#') {
      const end = text.indexOf('\n', i);
      if (end < 0) break;
      i = end;
    } else if (c === '"' || c === "'") quote = c;
    else if (opens.includes(c)) {
      if (open.push(i) > maxDepth) throw exceeded('is nested deeper', maxDepth, 'MAX_DEPTH');
    } else if (closes.includes(c)) close(text, open, i);
  }
  const last = open.at(-1);
  if (last !== undefined) throw syntaxError(`'${text[last]}' was never closed`, text, last);
}

function close(text: string, open: number[], at: number): void {
  const from = open.pop();
  const c = text[at] as string;
  if (from === undefined) throw syntaxError(`unmatched '${c}'`, text, at);
  const opening = text[from] as string;
  if (opens.indexOf(opening) === closes.indexOf(c)) return;
  throw syntaxError(`closing parenthesis '${c}' does not match opening parenthesis '${opening}'`, text, at);
}

const refused: Record<string, string> = {
  LambdaExpression: 'lambda is not available in expressions',
  ConditionalExpression: 'conditional expressions are not available; use torch.where',
  ComprehensionExpression: 'comprehensions are not available in expressions',
  ArrayComprehensionExpression: 'comprehensions are not available in expressions',
  SetComprehensionExpression: 'comprehensions are not available in expressions',
  DictionaryComprehensionExpression: 'comprehensions are not available in expressions',
  DictionaryExpression: 'dictionaries are not available in expressions',
  SetExpression: 'sets are not available in expressions',
  NamedExpression: 'assignment expressions are not available',
  AwaitExpression: 'await is not available in expressions',
  YieldExpression: 'yield is not available in expressions',
  FormatString: 'formatted strings are not available in expressions',
};

const operators = new Set(['ArithOp', 'BitOp', 'CompareOp', 'and', 'or', 'not', 'in', 'is']);
const nested = new Set(['BinaryExpression', 'UnaryExpression']);

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const list: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== 'Comment') list.push(child);
  }
  return list;
}

class Converter {
  readonly names = new Map<string, number>();
  private readonly text: string;
  private readonly limits: ParseLimits;
  private count = 0;

  constructor(text: string, limits: ParseLimits) {
    this.text = text;
    this.limits = limits;
  }

  private fail(message: string, node: { from: number }): never {
    throw syntaxError(message, this.text, node.from);
  }

  private source(node: SyntaxNode): string {
    return this.text.slice(node.from, node.to);
  }

  /** Any expression. Recursion is bounded by the depth of brackets and by trailing attributes and calls. */
  convert(node: SyntaxNode): Ast {
    if (++this.count > this.limits.maxNodes)
      throw exceeded('has more parts', this.limits.maxNodes, 'MAX_NODES');
    const at = node.from;
    switch (node.name) {
      case 'VariableName':
        return this.name(node);
      case 'Number':
        return { kind: 'constant', value: parseNumber(this.source(node), this.text, at), at };
      case 'String':
        return { kind: 'constant', value: parseString(this.source(node), this.text, at), at };
      case 'ContinuedString': {
        const value = childrenOf(node)
          .map((part) => parseString(this.source(part), this.text, part.from))
          .join('');
        return { kind: 'constant', value, at };
      }
      case 'Boolean':
        return { kind: 'constant', value: this.source(node) === 'True', at };
      case 'None':
        return { kind: 'constant', value: null, at };
      case 'Ellipsis':
        return { kind: 'constant', value: Ellipsis.instance, at };
      case 'ParenthesizedExpression':
        return this.group(childrenOf(node).slice(1, -1), node);
      case 'TupleExpression':
        return { kind: 'list', items: this.commaList(childrenOf(node).slice(1, -1)), tuple: true, at };
      case 'ArrayExpression':
        return { kind: 'list', items: this.commaList(childrenOf(node).slice(1, -1)), tuple: false, at };
      case 'BinaryExpression':
      case 'UnaryExpression':
        return { kind: 'operation', steps: toSteps(this.flatten(node), this.text, node.to), at };
      case 'CallExpression':
      case 'MemberExpression':
        return this.trailers(node);
      default:
        return this.fail(refused[node.name] ?? 'invalid syntax', node);
    }
  }

  private name(node: SyntaxNode): Ast {
    const name = this.source(node);
    if (!this.names.has(name)) this.names.set(name, node.from);
    return { kind: 'name', name, at: node.from };
  }

  private group(inside: SyntaxNode[], node: SyntaxNode): Ast {
    if (inside.length !== 1) return this.fail('invalid syntax', inside[1] ?? node);
    return this.convert(inside[0] as SyntaxNode);
  }

  /** The operands and operators below a chain of operators, in the order of the text, without recursion. */
  private flatten(root: SyntaxNode): Item[] {
    const items: Item[] = [];
    const stack = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (nested.has(node.name)) {
        stack.push(...childrenOf(node).reverse());
      } else if (operators.has(node.name)) this.operator(node, items);
      else if (node.name === 'ConditionalExpression')
        this.fail(refused.ConditionalExpression as string, node);
      else items.push({ operand: this.convert(node) });
    }
    return items;
  }

  /** `not in` and `is not` are two tokens and one operator. */
  private operator(node: SyntaxNode, items: Item[]): void {
    const op = this.source(node);
    const last = items.at(-1);
    if (
      last !== undefined &&
      'op' in last &&
      ((last.op === 'not' && op === 'in') || (last.op === 'is' && op === 'not'))
    ) {
      items[items.length - 1] = { op: `${last.op} ${op}`, at: last.at };
    } else if (op === '<>') this.fail('invalid syntax', node);
    else items.push({ op, at: node.from });
    if (++this.count > this.limits.maxNodes)
      throw exceeded('has more parts', this.limits.maxNodes, 'MAX_NODES');
  }

  /** `f(…)`, `x.name`, `x[…]` one after the other, from the innermost. */
  private trailers(node: SyntaxNode): Ast {
    if (isTrailingDot(node)) {
      return { kind: 'constant', value: Number(this.source(node).replaceAll('_', '')), at: node.from };
    }
    const chain: SyntaxNode[] = [];
    let inner = node;
    while ((inner.name === 'CallExpression' || inner.name === 'MemberExpression') && !isTrailingDot(inner)) {
      chain.push(inner);
      inner = inner.firstChild as SyntaxNode;
    }
    let value = this.convert(inner);
    for (const outer of chain.reverse()) value = this.trailer(value, outer);
    return value;
  }

  private trailer(object: Ast, node: SyntaxNode): Ast {
    const [, ...rest] = childrenOf(node);
    if (++this.count > this.limits.maxNodes)
      throw exceeded('has more parts', this.limits.maxNodes, 'MAX_NODES');
    const first = rest[0] as SyntaxNode;
    if (node.name === 'CallExpression') return this.call(object, first);
    if (first.name !== '.') return this.subscript(object, rest.slice(1, -1), first);
    const property = rest[1];
    if (property?.name !== 'PropertyName') return this.fail('invalid syntax', property ?? first);
    return { kind: 'attribute', object, name: this.source(property), at: property.from };
  }

  private call(callee: Ast, list: SyntaxNode): Ast {
    const at = callee.at;
    if (list.name !== 'ArgList') return this.fail('invalid syntax', list);
    const positional: Ast[] = [];
    const keywords: [string, Ast][] = [];
    for (const part of this.split(childrenOf(list).slice(1, -1))) {
      const [first, second, third] = part;
      const star = part.find(({ name }) => name === '*' || name === '**');
      if (star) this.fail('starred arguments are not available in expressions', star);
      const loop = part.find(({ name }) => name === 'for' || name === 'async');
      if (loop) this.fail('comprehensions are not available in expressions', loop);
      if (second?.name === 'AssignOp' && first?.name === 'VariableName' && third && part.length === 3) {
        const keyword = this.source(first);
        if (keywords.some(([name]) => name === keyword))
          this.fail(`keyword argument repeated: ${keyword}`, first);
        keywords.push([keyword, this.convert(third)]);
      } else if (part.length === 1 && first) {
        if (keywords.length > 0) this.fail('positional argument follows keyword argument', first);
        positional.push(this.convert(first));
      } else this.fail('invalid syntax', second ?? first ?? list);
    }
    return { kind: 'call', callee, positional, keywords, at };
  }

  private subscript(object: Ast, inside: SyntaxNode[], bracket: SyntaxNode): Ast {
    if (inside.length === 0) this.fail('invalid syntax', bracket);
    const parts = this.split(inside);
    const tuple = inside.some(({ name }) => name === ',');
    return {
      kind: 'subscript',
      object,
      items: parts.map((part) => this.index(part)),
      tuple,
      at: bracket.from,
    };
  }

  private index(part: SyntaxNode[]): Ast {
    if (!part.some(({ name }) => name === ':')) return this.group(part, part[0] as SyntaxNode);
    const bounds: (Ast | null)[] = [null];
    for (const node of part) {
      if (node.name === ':') bounds.push(null);
      else if (bounds.at(-1) !== null) this.fail('invalid syntax', node);
      else bounds[bounds.length - 1] = this.convert(node);
    }
    const first = part[0] as SyntaxNode;
    if (bounds.length > 3) this.fail('invalid syntax', first);
    return { kind: 'slice', bounds, at: first.from };
  }

  /** The parts between commas; one comma may trail. */
  private split(nodes: SyntaxNode[]): SyntaxNode[][] {
    if (nodes.length === 0) return [];
    const parts: SyntaxNode[][] = [[]];
    for (const node of nodes) {
      if (node.name !== ',') (parts.at(-1) as SyntaxNode[]).push(node);
      else if (parts.at(-1)?.length === 0) this.fail('invalid syntax', node);
      else parts.push([]);
    }
    if (parts.at(-1)?.length === 0) parts.pop();
    return parts;
  }

  commaList(nodes: SyntaxNode[]): Ast[] {
    return this.split(nodes).map((part) => this.group(part, part[0] as SyntaxNode));
  }
}

/** `2.`: the grammar reads a number, a dot and a missing name. */
function isTrailingDot(node: SyntaxNode): boolean {
  const [number, dot, missing] = childrenOf(node);
  return (
    node.name === 'MemberExpression' &&
    number?.name === 'Number' &&
    dot?.name === '.' &&
    dot.from === number.to &&
    missing?.type.isError === true &&
    missing.from === missing.to
  );
}

/** Operators beyond which the grammar's parser gives up on a chain. */
const LONGEST_CHAIN = 600;

/** The first place that the parser could not make sense of, and how many operators there are. */
function survey(script: SyntaxNode): { bad: number | null; operators: number } {
  const cursor = script.cursor();
  let count = 0;
  let bad: number | null = null;
  do {
    if (nested.has(cursor.name)) count++;
    if (cursor.type.isError && bad === null && !isTrailingDot(cursor.node.parent as SyntaxNode))
      bad = cursor.from;
  } while (cursor.next());
  return { bad, operators: count };
}

/**
 * Parses one Python expression.
 *
 * @throws GraddError `syntax-error` with line and column, `limit-exceeded`
 */
export function parseExpression(text: string, limits: ParseLimits): Parsed {
  checkBrackets(text, limits);
  const lead = text.length - text.trimStart().length;
  const trimmed = text.trimStart().trimEnd();
  const shift = (offset: number): number => offset + lead;
  const script = parser.parse(trimmed).topNode;
  const { bad, operators: count } = survey(script);
  const statements = childrenOf(script);
  const [statement] = statements;
  if (bad !== null && count > LONGEST_CHAIN) throw tooLong(count);
  if (statement === undefined) throw syntaxError('the expression is empty', text, 0);
  try {
    if (bad !== null) throw syntaxError(stringAt(trimmed) ?? 'invalid syntax', trimmed, bad);
    if (statement.name !== 'ExpressionStatement')
      throw syntaxError(statementMessage(statement.name), trimmed, statement.from);
    if (statements.length > 1)
      throw syntaxError('invalid syntax', trimmed, (statements[1] as SyntaxNode).from);
    const converter = new Converter(trimmed, limits);
    const parts = childrenOf(statement);
    const root: Ast =
      parts.length === 1
        ? converter.convert(parts[0] as SyntaxNode)
        : { kind: 'list', items: converter.commaList(parts), tuple: true, at: statement.from };
    return { text: trimmed, root, names: converter.names };
  } catch (error) {
    if (lead === 0 || !(error instanceof GraddError)) throw error;
    throw moved(error, text, shift);
  }
}

function tooLong(count: number): GraddError {
  const message = `The expression has ${count} operators in chains; about ${LONGEST_CHAIN} can be read`;
  return new GraddError('limit-exceeded', message, {
    path: ['expression'],
    hint: 'Put parts in brackets, or send a graph with named nodes.',
  });
}

/** The place of an error when blanks before the expression count too. */
function moved(error: GraddError, text: string, shift: (offset: number) => number): GraddError {
  const lines = text.slice(0, shift(0)).split('\n');
  const indent = (lines.at(-1) as string).length;
  for (const fault of error.faults) {
    if (fault.line === undefined || fault.column === undefined) continue;
    if (fault.line === 1) fault.column += indent;
    fault.line += lines.length - 1;
  }
  return error;
}

/** CPython's words for a string that does not end. */
function stringAt(text: string): string | null {
  const stripped = text.replace(/'''[\s\S]*?'''|"""[\s\S]*?"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, '');
  return /['"]/.test(stripped) ? 'unterminated string literal (detected at line 1)' : null;
}

const statementMessage = (name: string): string =>
  name === 'AssignStatement'
    ? 'an expression cannot assign; use a graph with named nodes'
    : name === 'ImportStatement'
      ? 'import is not available in expressions'
      : 'invalid syntax';
