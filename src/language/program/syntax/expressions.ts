import {
  type BinaryOp,
  type CallExpr,
  type Clause,
  type CompareOp,
  ELLIPSIS,
  type Expr,
  type NameExpr,
  type Parameter,
  type Replacement,
  type UnaryOp,
} from './ast.ts';
import type { ReplacementTokens, Token } from './lexer.ts';
import type { ProgramLimits, Source } from './source.ts';

/** Python's binary operators from loose to tight. */
const levels: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%', '@'],
];
const comparisons = new Set(['<', '<=', '>', '>=', '==', '!=']);
/** Digits beyond which Python refuses to read an int. */
const MAX_DIGITS = 4300;

/** Thrown in place of an error that nobody sees: finding its line takes time. */
const FAILED = new Error('not this');

/** Reads expressions by recursive descent, as Python's own grammar has them. */
export class ExpressionParser {
  protected readonly source: Source;
  protected readonly limits: ProgramLimits;
  protected tokens: readonly Token[];
  protected index = 0;
  private depth = 0;
  private trying = false;
  /** Names of the classes around what is read: names that begin with `__` are theirs alone. */
  protected readonly classes: string[] = [];

  constructor(source: Source, tokens: readonly Token[], limits: ProgramLimits) {
    this.source = source;
    this.tokens = tokens;
    this.limits = limits;
  }

  protected get token(): Token {
    return this.tokens[this.index] as Token;
  }

  protected peek(ahead = 1): Token {
    return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)] as Token;
  }

  protected fail(message: string, at = this.token.at): never {
    if (this.trying) throw FAILED;
    throw this.source.syntaxError(message, at);
  }

  /** Reads something that may turn out to be something else: null where it does. */
  protected attempt<T>(body: () => T | null): T | null {
    const before = this.trying;
    this.trying = true;
    try {
      return body();
    } catch (error) {
      if (error !== FAILED) throw error;
      return null;
    } finally {
      this.trying = before;
    }
  }

  protected next(): Token {
    const { token } = this;
    if (token.type !== 'end') this.index++;
    return token;
  }

  protected is(text: string): boolean {
    const { type, text: own } = this.token;
    return own === text && (type === 'operator' || type === 'keyword');
  }

  protected take(text: string): boolean {
    if (!this.is(text)) return false;
    this.index++;
    return true;
  }

  protected expect(text: string, message = 'invalid syntax'): Token {
    if (!this.is(text)) this.unexpected(message);
    return this.next();
  }

  protected unexpected(message = 'invalid syntax'): never {
    if (message === 'invalid syntax' && this.token.type === 'indent') this.fail('unexpected indent');
    return this.fail(message);
  }

  protected identifier(): Token {
    if (this.token.type !== 'name') this.unexpected();
    const token = this.next();
    return { ...token, text: this.mangled(token.text) };
  }

  private mangled(name: string): string {
    const owner = this.classes.at(-1)?.replace(/^_+/, '');
    return !owner || !name.startsWith('__') || name.endsWith('__') ? name : `_${owner}${name}`;
  }

  /** Bounds the recursion of what the source nests without brackets, whose depth the lexer bounds. */
  protected nested<T>(body: () => T): T {
    if (++this.depth > this.limits.maxDepth) {
      const message = `is nested deeper than the limit of ${this.limits.maxDepth} (MAX_DEPTH)`;
      throw this.source.exceeded(message, this.token.at);
    }
    try {
      return body();
    } finally {
      this.depth--;
    }
  }

  /** `a, *b, c`: a tuple, or the one expression. */
  protected expressions(): Expr {
    const { at } = this.token;
    const first = this.starOrNamed();
    if (!this.is(',')) {
      if (first.kind === 'starred') this.fail("can't use starred expression here", at);
      return first;
    }
    const items = [first];
    while (this.take(',')) {
      if (!this.startsExpression()) break;
      items.push(this.starOrNamed());
    }
    return { kind: 'tuple', items, at };
  }

  protected startsExpression(): boolean {
    const { type, text } = this.token;
    if (type === 'name' || type === 'number' || type === 'string' || type === 'format') return true;
    if (type === 'keyword')
      return ['False', 'None', 'True', 'lambda', 'not', 'await', 'yield'].includes(text);
    return type === 'operator' && ['(', '[', '{', '-', '+', '~', '...', '*'].includes(text);
  }

  protected starOrNamed(): Expr {
    const { at } = this.token;
    if (!this.take('*')) return this.named();
    return { kind: 'starred', value: this.operators(0), at };
  }

  /** An expression, perhaps `name := value`. */
  protected named(): Expr {
    if (this.token.type !== 'name' || this.peek().text !== ':=') return this.expression();
    const { text: name, at } = this.identifier();
    this.next();
    return { kind: 'walrus', target: { kind: 'name', name, at }, value: this.expression(), at };
  }

  protected expression(): Expr {
    if (this.is('lambda')) return this.nested(() => this.lambda());
    const { at } = this.token;
    const then = this.disjunction();
    if (!this.take('if')) return then;
    const test = this.disjunction();
    if (!this.take('else')) this.fail("expected 'else' after 'if' expression", at);
    return { kind: 'conditional', test, then, otherwise: this.nested(() => this.expression()), at };
  }

  private lambda(): Expr {
    const { at } = this.next();
    const parameters = this.parameters(':', false);
    this.expect(':', "expected ':'");
    return { kind: 'lambda', parameters, body: this.expression(), at };
  }

  /** Parameters up to a closing token that is left to the caller. */
  protected parameters(close: string, annotated: boolean): Parameter[] {
    const list: Parameter[] = [];
    let kind: Parameter['kind'] = 'positional';
    let bare = false;
    while (!this.is(close)) {
      const { at } = this.token;
      if (this.take('/')) {
        if (kind !== 'positional' || list.length === 0)
          this.fail(list.length === 0 ? 'at least one argument must precede /' : '/ must be ahead of *', at);
        if (list.some((p) => p.kind === 'positional-only')) this.fail('/ may appear only once', at);
        list.forEach((p, i) => {
          list[i] = { ...p, kind: 'positional-only' };
        });
      } else if (this.take('**')) {
        list.push(this.parameter('double-star', annotated));
        this.take(',');
        if (!this.is(close)) this.fail('arguments cannot follow var-keyword argument');
        break;
      } else if (this.take('*')) {
        if (kind === 'keyword-only') this.fail('* argument may appear only once', at);
        kind = 'keyword-only';
        if (this.is(',')) {
          bare = true;
          if (this.peek().text === close) this.fail('named arguments must follow bare *', at);
        } else if (this.is(close)) this.fail('named arguments must follow bare *', at);
        else list.push(this.parameter('star', annotated));
      } else {
        bare = false;
        list.push(this.parameter(kind, annotated));
      }
      if (!this.is(close)) this.expect(',');
    }
    if (bare) this.fail('named arguments must follow bare *');
    this.checkParameters(list);
    return list;
  }

  private parameter(kind: Parameter['kind'], annotated: boolean): Parameter {
    const { text: name, at } = this.identifier();
    if (annotated && this.take(':')) {
      if (kind === 'star' && this.take('*')) this.operators(0);
      else this.expression();
    }
    const many = kind === 'star' || kind === 'double-star';
    if (many && this.is('='))
      this.fail(`var-${kind === 'star' ? 'positional' : 'keyword'} argument cannot have default value`);
    return { name, kind, default: this.take('=') ? this.expression() : null, at };
  }

  private checkParameters(list: readonly Parameter[]): void {
    const names = new Set<string>();
    let defaults = false;
    for (const { name, kind, default: value, at } of list) {
      if (names.has(name)) this.fail(`duplicate argument '${name}' in function definition`, at);
      names.add(name);
      if (kind !== 'positional' && kind !== 'positional-only') continue;
      if (value !== null) defaults = true;
      else if (defaults) this.fail('non-default argument follows default argument', at);
    }
  }

  private disjunction(): Expr {
    return this.chain('or', () => this.chain('and', () => this.inversion()));
  }

  private chain(op: 'and' | 'or', operand: () => Expr): Expr {
    const first = operand();
    if (!this.is(op)) return first;
    const operands = [first];
    const ats: number[] = [];
    for (let { at } = this.token; this.take(op); { at } = this.token) {
      ats.push(at);
      operands.push(operand());
    }
    return { kind: 'boolean', op, operands, ats, at: ats[0] as number };
  }

  private inversion(): Expr {
    const { at } = this.token;
    if (!this.take('not')) return this.comparison();
    return this.nested(() => ({ kind: 'not', operand: this.inversion(), at }));
  }

  private comparison(): Expr {
    const first = this.operators(0);
    const rest: { op: CompareOp; operand: Expr; at: number }[] = [];
    for (;;) {
      const { at } = this.token;
      const op = this.comparisonOperator();
      if (op === null) break;
      rest.push({ op, operand: this.operators(0), at });
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest, at: (rest[0] as { at: number }).at };
  }

  private comparisonOperator(): CompareOp | null {
    const { type, text } = this.token;
    if (type === 'operator' && comparisons.has(text)) return this.next().text as CompareOp;
    if (type !== 'keyword') return null;
    if (this.take('in')) return 'in';
    if (text === 'not' && this.peek().text === 'in') {
      this.index += 2;
      return 'not in';
    }
    if (!this.take('is')) return null;
    return this.take('not') ? 'is not' : 'is';
  }

  /** Binary operators of a level and tighter; a chain is a loop, not a recursion. */
  protected operators(level: number): Expr {
    const ops = levels[level];
    if (ops === undefined) return this.factor();
    let left = this.operators(level + 1);
    let chained = 0;
    while (this.token.type === 'operator' && ops.includes(this.token.text)) {
      const { text, at } = this.next();
      const right = this.operators(level + 1);
      left = { kind: 'binary', op: text as BinaryOp, left, right, at };
      if (++chained > MAX_CHAIN) this.tooLong('operators', at);
    }
    return left;
  }

  private tooLong(what: string, at: number): never {
    const way = this.source.field === 'program' ? 'variables' : 'nodes of a graph';
    throw this.source.exceeded(`has more than ${MAX_CHAIN} ${what} in one chain`, at, `Put parts in ${way}.`);
  }

  private factor(): Expr {
    const signs: Token[] = [];
    while (this.is('-') || this.is('+') || this.is('~')) {
      const sign = this.next();
      if (signs.push(sign) > MAX_CHAIN) this.tooLong('signs', sign.at);
    }
    return signs.reduceRight<Expr>(
      (operand, { text, at }) => ({ kind: 'unary', op: text as UnaryOp, operand, at }),
      this.power(),
    );
  }

  private power(): Expr {
    const base = this.trailers(this.is('await') ? this.fail('await is not available') : this.atom());
    const { at } = this.token;
    if (!this.take('**')) return base;
    return this.nested(() => ({ kind: 'binary', op: '**', left: base, right: this.factor(), at }));
  }

  private trailers(atom: Expr): Expr {
    let value = atom;
    for (let count = 0; ; count++) {
      const { at } = this.token;
      if (count > MAX_CHAIN) this.tooLong('calls', at);
      if (this.take('.')) {
        const { text: name, at: where } = this.identifier();
        value = { kind: 'attribute', object: value, name, at: where };
      } else if (this.is('(')) value = this.arguments(value);
      else if (this.take('[')) value = { kind: 'subscript', object: value, index: this.subscript(), at };
      else return value;
    }
  }

  /** Arguments in brackets. */
  protected arguments(callee: Expr): CallExpr {
    this.next();
    const positional: Expr[] = [];
    const keywords: { name: string | null; value: Expr }[] = [];
    const names = new Set<string>();
    while (!this.is(')')) {
      this.argument(positional, keywords, names);
      if (!this.is(')')) this.comma();
    }
    this.next();
    return { kind: 'call', callee, positional, keywords, at: callee.at };
  }

  /** A comma, or CPython's guess why there is none. */
  private comma(): void {
    if (this.take(',')) return;
    const before = this.tokens[this.index - 1] as Token;
    const { type } = this.token;
    if (['name', 'number', 'string', 'format'].includes(type) && before.type !== 'operator')
      this.fail('invalid syntax. Perhaps you forgot a comma?', before.at);
    this.unexpected();
  }

  private argument(
    positional: Expr[],
    keywords: { name: string | null; value: Expr }[],
    names: Set<string>,
  ): void {
    const { at, type, text } = this.token;
    if (this.take('**')) keywords.push({ name: null, value: this.expression() });
    else if (this.take('*')) {
      if (keywords.some(({ name }) => name === null))
        this.fail('iterable argument unpacking follows keyword argument unpacking', at);
      positional.push({ kind: 'starred', value: this.expression(), at });
    } else if (type === 'name' && this.peek().text === '=') {
      this.index += 2;
      if (names.has(text)) this.fail(`keyword argument repeated: ${text}`, at);
      names.add(text);
      keywords.push({ name: text, value: this.expression() });
    } else {
      const value = this.named();
      if (this.is('for')) {
        const alone = positional.length === 0 && keywords.length === 0;
        const whole = this.comprehension('generator', value, null, at);
        if (!alone || (this.is(',') && this.peek().text !== ')'))
          this.fail('Generator expression must be parenthesized', at);
        positional.push(whole);
        return;
      }
      if (this.is('=')) {
        this.fail('expression cannot contain assignment, perhaps you meant "=="?', at);
      }
      if (keywords.length > 0) {
        const unpacked = keywords.some(({ name }) => name === null);
        this.fail(`positional argument follows keyword argument${unpacked ? ' unpacking' : ''}`, at);
      }
      positional.push(value);
    }
  }

  private subscript(): Expr {
    const { at } = this.token;
    if (this.is(']')) this.unexpected();
    const items = [this.sliceOrItem()];
    let tuple = false;
    while (this.take(',')) {
      tuple = true;
      if (this.is(']')) break;
      items.push(this.sliceOrItem());
    }
    if (!this.is(']')) this.comma();
    this.expect(']');
    const [first] = items as [Expr];
    return tuple || first.kind === 'starred' ? { kind: 'tuple', items, at } : first;
  }

  private sliceOrItem(): Expr {
    const { at } = this.token;
    const start = this.is(':') ? null : this.starOrNamed();
    if (!this.take(':')) return start as Expr;
    const bound = (): Expr | null =>
      this.is(':') || this.is(']') || this.is(',') ? null : this.expression();
    const stop = bound();
    const step = this.take(':') ? bound() : null;
    return { kind: 'slice', start, stop, step, at };
  }

  private atom(): Expr {
    const { type, text, at } = this.token;
    if (type === 'name') {
      return { kind: 'name', name: this.identifier().text, at };
    }
    if (type === 'number') {
      this.next();
      return { kind: 'constant', value: this.numberValue(text, at), at };
    }
    if (type === 'string' || type === 'format') return this.strings();
    if (type === 'keyword') {
      const value = text === 'True' ? true : text === 'False' ? false : text === 'None' ? null : undefined;
      if (value === undefined) return this.unexpected();
      this.next();
      return { kind: 'constant', value, at };
    }
    if (this.take('...')) return { kind: 'constant', value: ELLIPSIS, at };
    if (this.is('(')) return this.group();
    if (this.is('[')) return this.list();
    if (this.is('{')) return this.braces();
    return this.unexpected();
  }

  private numberValue(text: string, at: number): bigint | number {
    const plain = text.replaceAll('_', '').toLowerCase();
    if (/^(?:0[xob]|\d+$)/.test(plain)) {
      if (text.length > MAX_DIGITS && !/^0[xob]/.test(plain)) {
        const given = plain.length;
        this.fail(
          `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion: value has ${given} digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.`,
          at,
        );
      }
      return BigInt(plain);
    }
    return Number(plain);
  }

  /** String literals one after the other. */
  private strings(): Expr {
    const { at } = this.token;
    const parts: (string | Replacement)[] = [];
    let formatted = false;
    while (this.token.type === 'string' || this.token.type === 'format') {
      const token = this.next();
      if (token.type === 'string') parts.push(token.text);
      else {
        formatted = true;
        for (const part of token.parts ?? []) parts.push(this.part(part));
      }
    }
    if (!formatted) return { kind: 'constant', value: parts.join(''), at };
    return { kind: 'format', parts, at };
  }

  private part(part: string | ReplacementTokens): string | Replacement {
    if (typeof part === 'string') return part;
    const { tokens, index } = this;
    this.tokens = part.tokens;
    this.index = 0;
    const value = this.nested(() => (this.is('yield') ? this.yielded() : this.expressions()));
    if (this.token.type !== 'end') this.fail('f-string: invalid syntax');
    this.tokens = tokens;
    this.index = index;
    const spec = part.spec?.map((inner) => this.part(inner)) ?? null;
    return { value, conversion: part.conversion, spec, at: part.at };
  }

  private group(): Expr {
    const { at } = this.next();
    if (this.take(')')) return { kind: 'tuple', items: [], at };
    if (this.is('yield')) {
      const value = this.yielded();
      this.expect(')');
      return value;
    }
    const first = this.starOrNamed();
    if (this.is('for')) {
      const whole = this.comprehension('generator', first, null, at);
      this.expect(')');
      return whole;
    }
    if (this.take(')')) {
      if (first.kind === 'starred') this.fail('cannot use starred expression here', first.at);
      return first;
    }
    const items = [first];
    while (!this.is(')')) {
      this.comma();
      if (!this.is(')')) items.push(this.starOrNamed());
    }
    this.next();
    return { kind: 'tuple', items, at };
  }

  private list(): Expr {
    const { at } = this.next();
    const items: Expr[] = [];
    while (!this.is(']')) {
      items.push(this.starOrNamed());
      if (this.is('for') && items.length === 1) {
        const whole = this.comprehension('list', items[0] as Expr, null, at);
        this.expect(']');
        return whole;
      }
      if (!this.is(']')) this.comma();
    }
    this.next();
    return { kind: 'list', items, at };
  }

  private braces(): Expr {
    const { at } = this.next();
    if (this.take('}')) return { kind: 'dict', entries: [], at };
    if (this.is('**')) return this.dict(at, []);
    const first = this.starOrNamed();
    if (this.take(':')) {
      const value = this.expression();
      if (this.is('for')) {
        const whole = this.comprehension('dict', first, value, at);
        this.expect('}');
        return whole;
      }
      if (!this.is('}')) this.comma();
      return this.dict(at, [{ key: first, value }]);
    }
    if (this.is('for')) {
      const whole = this.comprehension('set', first, null, at);
      this.expect('}');
      return whole;
    }
    const items = [first];
    while (!this.is('}')) {
      this.comma();
      if (!this.is('}')) items.push(this.starOrNamed());
    }
    this.next();
    return { kind: 'set', items, at };
  }

  private dict(at: number, entries: { key: Expr | null; value: Expr }[]): Expr {
    while (!this.is('}')) {
      if (this.take('**')) entries.push({ key: null, value: this.operators(0) });
      else {
        const key = this.expression();
        this.expect(':', "':' expected after dictionary key");
        if (this.is('}') || this.is(',')) this.fail("expression expected after dictionary key and ':'");
        entries.push({ key, value: this.expression() });
      }
      if (!this.is('}')) this.comma();
    }
    this.next();
    return { kind: 'dict', entries, at };
  }

  private comprehension(
    of: 'list' | 'set' | 'dict' | 'generator',
    element: Expr,
    value: Expr | null,
    at: number,
  ): Expr {
    if (element.kind === 'starred')
      this.fail('iterable unpacking cannot be used in comprehension', element.at);
    const clauses: Clause[] = [];
    while (this.take('for')) {
      const target = this.targets();
      this.expect('in');
      const iterable = this.disjunction();
      const conditions: Expr[] = [];
      while (this.take('if')) conditions.push(this.condition());
      clauses.push({ target, iterable, conditions });
    }
    if (this.is('async')) this.fail('asynchronous comprehensions are not available');
    return { kind: 'comprehension', of, element, value, clauses, at };
  }

  private condition(): Expr {
    if (this.token.type === 'name' && this.peek().text === ':=') return this.named();
    return this.disjunction();
  }

  /** The targets of a `for`. */
  protected targets(): Expr {
    const { at } = this.token;
    const one = (): Expr => {
      const star = this.token;
      if (this.take('*')) return { kind: 'starred', value: this.operators(0), at: star.at };
      return this.operators(0);
    };
    const first = one();
    let target = first;
    if (this.is(',')) {
      const items = [first];
      while (this.take(',')) {
        if (this.is('in')) break;
        items.push(one());
      }
      target = { kind: 'tuple', items, at };
    }
    this.checkTarget(target, 'for');
    return target;
  }

  protected yielded(): Expr {
    const { at } = this.next();
    if (this.take('from')) return { kind: 'yield', from: true, value: this.expression(), at };
    const value = this.startsExpression() ? this.expressions() : null;
    return { kind: 'yield', from: false, value, at };
  }

  /** Refuses what cannot be assigned to, in CPython's words. */
  protected checkTarget(
    target: Expr,
    where: 'assign' | 'for' | 'augment' | 'annotate' | 'with' | 'delete',
  ): void {
    switch (target.kind) {
      case 'name':
      case 'attribute':
      case 'subscript':
        return;
      case 'starred':
        if (where === 'delete') this.fail('cannot delete starred', target.at);
        if (target.value.kind === 'starred') this.fail('invalid syntax', target.at);
        this.checkTarget(target.value, where);
        return;
      case 'tuple':
      case 'list': {
        if (where === 'augment')
          this.fail(`'${target.kind}' is an illegal expression for augmented assignment`, target.at);
        if (where === 'annotate')
          this.fail(`only single target (not ${target.kind}) can be annotated`, target.at);
        const stars = target.items.filter(({ kind }) => kind === 'starred');
        if (stars.length > 1) this.fail('multiple starred expressions in assignment', target.at);
        for (const item of target.items) this.checkTarget(item, where);
        return;
      }
      default:
    }
    const what = nameOf(target);
    if (where === 'augment')
      this.fail(`'${what}' is an illegal expression for augmented assignment`, target.at);
    if (where === 'annotate') this.fail('illegal target for annotation', target.at);
    if (where === 'delete') this.fail(`cannot delete ${what}`, target.at);
    if (where === 'for' || where === 'with' || constantNames.has(what))
      this.fail(`cannot assign to ${what}`, target.at);
    this.fail(`cannot assign to ${what} here. Maybe you meant '==' instead of '='?`, target.at);
  }
}

/** Operators beyond which a chain is refused: each is a call within a call when it runs. */
const MAX_CHAIN = 1000;

const constantNames = new Set(['True', 'False', 'None', 'ellipsis']);

/** CPython's name of a kind of expression in its complaints. */
function nameOf(expr: Expr): string {
  switch (expr.kind) {
    case 'constant':
      if (expr.value === true) return 'True';
      if (expr.value === false) return 'False';
      if (expr.value === null) return 'None';
      return expr.value === ELLIPSIS ? 'ellipsis' : 'literal';
    case 'call':
      return 'function call';
    case 'compare':
      return 'comparison';
    case 'conditional':
      return 'conditional expression';
    case 'comprehension':
      return expr.of === 'generator' ? 'generator expression' : `${expr.of} comprehension`;
    case 'dict':
      return 'dict literal';
    case 'set':
      return 'set display';
    case 'lambda':
      return 'lambda';
    case 'format':
      return 'f-string expression';
    case 'walrus':
      return 'named expression';
    case 'yield':
      return 'yield expression';
    default:
      return 'expression';
  }
}

export type { NameExpr };
