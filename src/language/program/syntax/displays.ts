import { type Clause, ELLIPSIS, type Expr, type Replacement } from './ast.ts';
import { Cursor } from './cursor.ts';
import type { ReplacementTokens } from './lexer.ts';

/** Digits beyond which Python refuses to read an int. */
const MAX_DIGITS = 4300;

/** Reads what stands alone: names, literals, displays, comprehensions. */
export abstract class DisplayParser extends Cursor {
  protected abstract expression(): Expr;
  protected abstract expressions(): Expr;
  protected abstract named(): Expr;
  protected abstract starOrNamed(): Expr;
  protected abstract disjunction(): Expr;
  protected abstract operators(level: number): Expr;
  protected abstract targets(): Expr;
  protected abstract yielded(): Expr;

  protected atom(): Expr {
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

  protected numberValue(text: string, at: number): bigint | number {
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
  protected strings(): Expr {
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

  protected comprehension(
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
}
