import type { Case, Expr, Pattern } from './ast.ts';
import { ExpressionParser } from './expressions.ts';

type Fail = (message: string, at: number) => never;

/** Reads what stands after `case`. */
export class PatternParser extends ExpressionParser {
  /** `a, b, *c`, or one pattern. */
  protected casePattern(): Pattern {
    const { at } = this.token;
    const first = this.itemPattern();
    if (!this.is(',')) {
      if (first.kind === 'star') this.unexpected();
      return first;
    }
    const items = [first];
    while (this.take(',')) {
      if (this.is(':') || this.is('if')) break;
      items.push(this.itemPattern());
    }
    return this.sequence(items, at);
  }

  private sequence(items: Pattern[], at: number): Pattern {
    if (items.filter(({ kind }) => kind === 'star').length > 1)
      this.fail('multiple starred names in sequence pattern', at);
    return { kind: 'sequence', items, at };
  }

  /** A pattern, or `*name` in a sequence. */
  private itemPattern(): Pattern {
    const { at } = this.token;
    if (!this.take('*')) return this.pattern();
    const { text } = this.identifier();
    return { kind: 'star', name: text === '_' ? null : text, at };
  }

  private pattern(): Pattern {
    return this.nested(() => {
      const { at } = this.token;
      const first = this.closedPattern();
      let pattern = first;
      if (this.is('|')) {
        const alternatives = [first];
        while (this.take('|')) alternatives.push(this.closedPattern());
        pattern = { kind: 'or', alternatives, at };
      }
      if (!this.take('as')) return pattern;
      const { text: name, at: where, type } = this.token;
      if (type !== 'name') this.fail('invalid pattern target');
      if (name === '_') this.fail("cannot use '_' as a target", where);
      return { kind: 'as', pattern, name: this.identifier().text, at };
    });
  }

  private closedPattern(): Pattern {
    const { type, text, at } = this.token;
    if (type === 'name') return this.namePattern();
    if (type === 'keyword' && (text === 'None' || text === 'True' || text === 'False')) {
      this.next();
      return { kind: 'singleton', value: text === 'None' ? null : text === 'True', at };
    }
    if (type === 'number' || type === 'string' || this.is('-'))
      return { kind: 'value', value: this.literal(), at };
    if (type === 'format') this.fail('patterns may only match literals and attribute lookups', at);
    if (this.is('(') || this.is('[')) return this.bracketed();
    if (this.is('{')) return this.mapping();
    return this.unexpected();
  }

  /** A number with its sign, or a text. */
  private literal(): Expr {
    const { at, type } = this.token;
    if (type === 'string') return this.strings();
    const negative = this.take('-');
    if (this.token.type !== 'number') this.unexpected();
    const { text, at: where } = this.next();
    const value: Expr = { kind: 'constant', value: this.numberValue(text, where), at: where };
    return negative ? { kind: 'unary', op: '-', operand: value, at } : value;
  }

  private namePattern(): Pattern {
    const { text: name, at } = this.identifier();
    let value: Expr = { kind: 'name', name, at };
    while (this.take('.')) {
      const { text, at: where } = this.identifier();
      value = { kind: 'attribute', object: value, name: text, at: where };
    }
    if (this.is('(')) return this.classPattern(value);
    if (value.kind === 'attribute') return { kind: 'value', value, at };
    return { kind: 'capture', name: name === '_' ? null : name, at };
  }

  private classPattern(type: Expr): Pattern {
    this.next();
    const positional: Pattern[] = [];
    const keywords: { name: string; pattern: Pattern }[] = [];
    while (!this.is(')')) {
      const { at } = this.token;
      if (this.token.type === 'name' && this.peek().text === '=') {
        const { text: name } = this.identifier();
        this.next();
        if (keywords.some((known) => known.name === name))
          this.fail(`attribute name repeated in class pattern: ${name}`, at);
        keywords.push({ name, pattern: this.pattern() });
      } else {
        const pattern = this.pattern();
        if (keywords.length > 0) this.fail('positional patterns follow keyword patterns', at);
        positional.push(pattern);
      }
      if (!this.is(')')) this.expect(',');
    }
    this.next();
    return { kind: 'class', type, positional, keywords, at: type.at };
  }

  /** `(a)`, `(a, b)`, `[a, b]`. */
  private bracketed(): Pattern {
    const { text, at } = this.next();
    const close = text === '(' ? ')' : ']';
    const items: Pattern[] = [];
    let comma = false;
    while (!this.is(close)) {
      items.push(this.itemPattern());
      comma = this.is(',');
      if (!this.is(close)) this.expect(',');
    }
    this.next();
    const [only] = items;
    if (text === '(' && only !== undefined && items.length === 1 && !comma && only.kind !== 'star')
      return only;
    return this.sequence(items, at);
  }

  private mapping(): Pattern {
    const { at } = this.next();
    const entries: { key: Expr; pattern: Pattern }[] = [];
    let rest: string | null = null;
    while (!this.is('}')) {
      if (this.take('**')) {
        rest = this.identifier().text;
        this.take(',');
        if (!this.is('}')) this.unexpected();
        break;
      }
      const key = this.mappingKey();
      this.expect(':');
      entries.push({ key, pattern: this.pattern() });
      if (!this.is('}')) this.expect(',');
    }
    this.next();
    this.checkKeys(
      entries.map(({ key }) => key),
      at,
    );
    return { kind: 'mapping', entries, rest, at };
  }

  private mappingKey(): Expr {
    const { type, text, at } = this.token;
    if (type === 'keyword' && (text === 'None' || text === 'True' || text === 'False')) {
      this.next();
      return { kind: 'constant', value: text === 'None' ? null : text === 'True', at };
    }
    if (type !== 'name') return this.literal();
    const pattern = this.namePattern();
    if (pattern.kind !== 'value')
      this.fail('mapping pattern keys may only match literals and attribute lookups', at);
    return pattern.value;
  }

  private checkKeys(keys: readonly Expr[], at: number): void {
    const known = new Set<string>();
    for (const key of keys) {
      if (key.kind !== 'constant') continue;
      const text = typeof key.value === 'string' ? `'${key.value}'` : String(key.value);
      if (known.has(text)) this.fail(`mapping pattern checks duplicate key (${text})`, at);
      known.add(text);
    }
  }
}

/** The names that a pattern binds, with CPython's complaints about those that it binds twice. */
function namesIn(pattern: Pattern, fail: Fail): Map<string, number> {
  const names = new Map<string, number>();
  const add = (name: string, at: number): void => {
    if (names.has(name)) fail(`multiple assignments to name '${name}' in pattern`, at);
    names.set(name, at);
  };
  const within = (inner: Pattern): void => {
    for (const [name, at] of namesIn(inner, fail)) add(name, at);
  };
  switch (pattern.kind) {
    case 'capture':
    case 'star':
      if (pattern.name !== null) add(pattern.name, pattern.at);
      break;
    case 'as':
      within(pattern.pattern);
      add(pattern.name, pattern.at);
      break;
    case 'sequence':
      pattern.items.forEach(within);
      break;
    case 'mapping':
      for (const entry of pattern.entries) within(entry.pattern);
      if (pattern.rest !== null) add(pattern.rest, pattern.at);
      break;
    case 'class':
      pattern.positional.forEach(within);
      for (const keyword of pattern.keywords) within(keyword.pattern);
      break;
    case 'or': {
      const [first, ...others] = pattern.alternatives.map((inner) => namesIn(inner, fail));
      for (const other of others) {
        if (other.size !== first?.size || [...other.keys()].some((name) => !first.has(name)))
          fail('alternative patterns bind different names', pattern.at);
      }
      for (const [name, at] of first ?? []) add(name, at);
      break;
    }
    default:
  }
  return names;
}

export const boundBy = (pattern: Pattern): Map<string, number> =>
  namesIn(pattern, () => {
    throw new Error('a pattern that was not checked');
  });

/** Whether a pattern takes anything, so that nothing may come after it. */
function takesAll(pattern: Pattern, fail: Fail, last: boolean): boolean {
  if (pattern.kind === 'or') {
    return pattern.alternatives.some((inner, i) =>
      takesAll(inner, fail, last && i === pattern.alternatives.length - 1),
    );
  }
  if (pattern.kind === 'as') return takesAll(pattern.pattern, fail, last);
  if (pattern.kind !== 'capture') return false;
  if (!last) {
    fail(
      pattern.name === null
        ? 'wildcard makes remaining patterns unreachable'
        : `name capture '${pattern.name}' makes remaining patterns unreachable`,
      pattern.at,
    );
  }
  return true;
}

/** Checks of all cases of a statement together. */
export function checkCases(cases: readonly Case[], fail: Fail): void {
  cases.forEach(({ pattern, guard }, i) => {
    namesIn(pattern, fail);
    takesAll(pattern, fail, i === cases.length - 1 || guard !== null);
  });
}
