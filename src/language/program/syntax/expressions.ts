import { type Assignment, checkTarget } from './assignable.ts';
import type { BinaryOp, CallExpr, CompareOp, Expr, Parameter, UnaryOp } from './ast.ts';
import { DisplayParser } from './displays.ts';
import type { Token } from './lexer.ts';

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
/** Operators beyond which a chain is refused: each is a call within a call when it runs. */
const MAX_CHAIN = 1000;

/** Reads expressions by recursive descent, as Python's own grammar has them. */
export class ExpressionParser extends DisplayParser {
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

  protected disjunction(): Expr {
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
      if (rest.push({ op, operand: this.operators(0), at }) > MAX_CHAIN) this.tooLong('comparisons', at);
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
    const base = this.trailers(
      this.is('await')
        ? this.fail('await is not available: a program runs from its beginning to its end')
        : this.atom(),
    );
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

  protected checkTarget(target: Expr, where: Assignment): void {
    checkTarget(target, where, (message, at) => this.fail(message, at));
  }
}
