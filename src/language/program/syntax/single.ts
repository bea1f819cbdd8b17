import type { CompareOp, Expr } from './ast.ts';
import { ExpressionParser } from './expressions.ts';
import { Lexer } from './lexer.ts';
import type { ProgramLimits, Source } from './source.ts';

/** What of Python's expressions is for programs alone. */
const refused: Partial<Record<Expr['kind'], string>> = {
  lambda: 'lambda is not available in expressions',
  conditional: 'conditional expressions are not available; use torch.where',
  comprehension: 'comprehensions are not available in expressions',
  dict: 'dictionaries are not available in expressions',
  set: 'sets are not available in expressions',
  walrus: 'assignment expressions are not available',
  format: 'formatted strings are not available in expressions',
  starred: 'starred arguments are not available in expressions',
};

/** A text that is one expression. */
export interface Single {
  readonly root: Expr;
  /** The names that it uses, and where each is first. */
  readonly names: ReadonlyMap<string, number>;
}

/** Reads a text that is nothing but an expression, and comments. */
class SingleParser extends ExpressionParser {
  single(): Expr {
    const { at } = this.token;
    if (this.is('import') || this.is('from')) this.fail('import is not available in expressions');
    const root = this.expressions();
    if (this.token.type === 'operator' && /^[^<>=!:]*=$/.test(this.token.text))
      this.fail('an expression cannot assign; use a graph with named nodes', at);
    while (this.token.type === 'newline') this.next();
    if (this.token.type !== 'end') this.unexpected();
    return root;
  }
}

/** The expressions right below one, in the order of the text. */
function childrenOf(node: Expr): readonly (Expr | null)[] {
  switch (node.kind) {
    case 'attribute':
      return [node.object];
    case 'subscript':
      return [node.object, node.index];
    case 'slice':
      return [node.start, node.stop, node.step];
    case 'call':
      return [node.callee, ...node.positional, ...node.keywords.map(({ value }) => value)];
    case 'binary':
      return [node.left, node.right];
    case 'unary':
    case 'not':
      return [node.operand];
    case 'boolean':
      return node.operands;
    case 'compare':
      return [node.first, ...node.rest.map(({ operand }) => operand)];
    case 'list':
    case 'tuple':
      return node.items;
    default:
      return [];
  }
}

const isNone = (node: Expr): boolean => node.kind === 'constant' && node.value === null;

function checkComparison(source: Source, op: CompareOp, at: number, left: Expr, right: Expr): void {
  if (op === 'in' || op === 'not in') throw source.syntaxError(`'${op}' is not available in expressions`, at);
  if ((op === 'is' || op === 'is not') && !isNone(left) && !isNone(right))
    throw source.syntaxError("'is' is only available with None", at);
}

/** Refuses what an expression cannot be, and finds the names in it. */
function checked(source: Source, root: Expr, maxNodes: number): Map<string, number> {
  const names = new Map<string, number>();
  const open: Expr[] = [root];
  let count = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { kind, at } = node;
    if (++count > maxNodes)
      throw source.exceeded(`has more parts than the limit of ${maxNodes} (MAX_NODES)`, at);
    const why = refused[kind];
    if (why !== undefined) throw source.syntaxError(why, at);
    if (kind === 'name' && !names.has(node.name)) names.set(node.name, at);
    else if (kind === 'call') {
      const spread = node.keywords.find(({ name }) => name === null);
      if (spread) throw source.syntaxError(refused.starred as string, spread.value.at);
    } else if (kind === 'compare') {
      let left = node.first;
      for (const { op, operand, at: where } of node.rest) {
        checkComparison(source, op, where, left, operand);
        left = operand;
      }
    }
    const children = childrenOf(node);
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (child) open.push(child);
    }
  }
  return names;
}

/**
 * Reads a text as one expression.
 *
 * @param limits `maxNodes` counts names, constants and operators
 * @throws GraddError `syntax-error` with line and column, `limit-exceeded`
 */
export function parseSingle(source: Source, { maxLength, maxDepth, maxNodes }: ProgramLimits): Single {
  source.checkLength(maxLength);
  const { text } = source;
  const from = text.length - text.trimStart().length;
  if (from === text.length) throw source.syntaxError('the expression is empty', 0);
  const limits = { maxLength, maxDepth, maxNodes: Number.POSITIVE_INFINITY };
  const tokens = new Lexer(source, limits, from, text.trimEnd().length).program();
  if (tokens.length === 1) throw source.syntaxError('the expression is empty', 0);
  const root = new SingleParser(source, tokens, limits).single();
  return { root, names: checked(source, root, maxNodes) };
}
