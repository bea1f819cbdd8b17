import type { ProgramLimits, Source } from './source.ts';

export interface Token {
  readonly type:
    | 'name'
    | 'keyword'
    | 'number'
    | 'string'
    | 'format'
    | 'operator'
    | 'newline'
    | 'indent'
    | 'dedent'
    | 'end';
  /** The text; of a string, its value. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  /** Of a formatted string. */
  readonly parts?: readonly (string | ReplacementTokens)[];
}

/** What stands between braces in a formatted string. */
export interface ReplacementTokens {
  readonly tokens: readonly Token[];
  readonly conversion: 'r' | 's' | 'a' | null;
  readonly spec: readonly (string | ReplacementTokens)[] | null;
  readonly at: number;
}

export const keywords = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global if
  import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);

const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][+-]?\d(?:_?\d)*)?)/y;
const OPERATOR =
  /\*\*=|\/\/=|>>=|<<=|\.\.\.|->|:=|[+\-*/%@&|^<>=!]=|\*\*|\/\/|<<|>>|[+\-*/%@&|^~<>=()[\]{},:.;]/y;
const STRING_START = /([rRbBfFuU]{0,2})('''|"""|'|")/y;
const PREFIXES = new Set(['', 'r', 'u', 'b', 'f', 'br', 'rb', 'fr', 'rf']);
const MAX_INDENTS = 100;

const openers = '([{';
const closers = ')]}';

const escapes: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Splits a program into tokens, with Python's rules of indentation. */
export class Lexer {
  private readonly source: Source;
  private readonly text: string;
  private readonly limits: ProgramLimits;
  private position: number;
  private readonly limit: number;
  private readonly tokens: Token[] = [];
  private readonly brackets: { readonly open: string; readonly at: number }[] = [];
  private readonly indents = [0];
  /** Formatted strings within each other. */
  private readonly nesting: number;

  constructor(source: Source, limits: ProgramLimits, from = 0, to = source.text.length, nesting = 0) {
    this.source = source;
    this.text = source.text;
    this.limits = limits;
    this.position = from;
    this.limit = to;
    this.nesting = nesting;
  }

  private fail(message: string, at: number): never {
    throw this.source.syntaxError(message, at);
  }

  private push(type: Token['type'], at: number, end: number, text = this.text.slice(at, end)): void {
    if (this.tokens.push({ type, text, at, end }) > this.limits.maxNodes) this.tooMany(at);
  }

  private tooMany(at: number): never {
    throw this.source.exceeded(`has more parts than the limit of ${this.limits.maxNodes} (MAX_NODES)`, at);
  }

  private tooDeep(at: number): never {
    throw this.source.exceeded(`is nested deeper than the limit of ${this.limits.maxDepth} (MAX_DEPTH)`, at);
  }

  /** The tokens of a whole program. */
  program(): Token[] {
    let fresh = true;
    while (this.position < this.limit) {
      if (fresh) {
        fresh = false;
        if (this.indentation()) {
          fresh = true;
          continue;
        }
      }
      if (this.token()) fresh = true;
    }
    this.closeBrackets();
    const last = this.tokens.at(-1);
    const end = this.limit;
    if (last !== undefined && last.type !== 'newline') this.push('newline', end, end, '');
    for (; this.indents.length > 1; this.indents.pop()) this.push('dedent', end, end, '');
    this.push('end', end, end, '');
    return this.tokens;
  }

  /** The tokens of an expression in braces, where lines do not count. */
  private expression(): Token[] {
    this.brackets.push({ open: '{', at: this.position });
    while (this.position < this.limit) this.token();
    if (this.brackets.length > 1) this.closeBrackets();
    this.push('end', this.limit, this.limit, '');
    return this.tokens;
  }

  private closeBrackets(): void {
    const open = this.brackets.at(-1);
    if (open) this.fail(`'${open.open}' was never closed`, open.at);
  }

  /** Reads the blanks at the start of a line; true for a line without tokens. */
  private indentation(): boolean {
    let column = 0;
    const start = this.position;
    for (; this.position < this.limit; this.position++) {
      const c = this.text[this.position];
      if (c === ' ') column++;
      else if (c === '\t') column = (column >> 3) * 8 + 8;
      else if (c === '\f') column = 0;
      else break;
    }
    const c = this.text[this.position];
    if (c === undefined || this.position >= this.limit) return true;
    if (c === '\r' || c === '\n' || c === '#') {
      this.skipLine();
      return true;
    }
    const current = this.indents.at(-1) as number;
    if (column > current) {
      if (this.indents.push(column) > Math.min(MAX_INDENTS, this.limits.maxDepth)) {
        if (this.indents.length > MAX_INDENTS) this.fail('too many levels of indentation', this.position);
        this.tooDeep(this.position);
      }
      this.push('indent', start, this.position, '');
    }
    for (; column < (this.indents.at(-1) as number); this.indents.pop()) {
      this.push('dedent', this.position, this.position, '');
    }
    if (column !== this.indents.at(-1))
      this.fail('unindent does not match any outer indentation level', this.position);
    return false;
  }

  private skipLine(): void {
    const end = this.text.indexOf('\n', this.position);
    this.position = end < 0 || end >= this.limit ? this.limit : end + 1;
  }

  /** Reads one token or blank; true after the end of a line that counts. */
  private token(): boolean {
    const { text, position: at } = this;
    const c = text[at] as string;
    if (c === ' ' || c === '\t' || c === '\f' || c === '\r') this.position++;
    else if (c === '#') {
      const end = text.indexOf('\n', at);
      this.position = end < 0 || end > this.limit ? this.limit : end;
    } else if (c === '\n') {
      this.position++;
      if (this.brackets.length > 0) return false;
      this.push('newline', at, at + 1, '');
      return true;
    } else if (c === '\\') this.continuation(at);
    else if (!this.string(at) && !this.number(at) && !this.name(at)) this.operator(at);
    return false;
  }

  private continuation(at: number): void {
    const rest = /\\\r?\n/y;
    rest.lastIndex = at;
    if (!rest.test(this.text)) this.fail('unexpected character after line continuation character', at + 1);
    if (rest.lastIndex >= this.limit) this.fail('unexpected EOF while parsing', at + 1);
    this.position = rest.lastIndex;
  }

  private match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.text);
  }

  private name(at: number): boolean {
    const found = this.match(NAME, at);
    if (found === null) return false;
    const [whole] = found;
    const text = whole.normalize('NFKC');
    this.position = at + whole.length;
    this.push(keywords.has(text) ? 'keyword' : 'name', at, this.position, text);
    return true;
  }

  private number(at: number): boolean {
    const found = this.match(NUMBER, at);
    if (found === null) return false;
    const end = at + found[0].length;
    const next = this.text[end] ?? '';
    if (/[jJ]/.test(next)) this.fail('complex numbers are not available', at);
    if (
      /[\p{ID_Start}_\d]/u.test(next) &&
      !/^(?:and|else|for|if|in|is|not|or)\b/.test(this.text.slice(end, end + 5))
    ) {
      const base = /^0([xob])/i.exec(found[0] + next)?.[1]?.toLowerCase();
      const kind =
        base === 'x' ? 'hexadecimal' : base === 'o' ? 'octal' : base === 'b' ? 'binary' : 'decimal';
      if (/\d/.test(next) && kind !== 'decimal') this.fail(`invalid digit '${next}' in ${kind} literal`, end);
      this.fail(`invalid ${kind} literal`, at);
    }
    if (/^0[\d_]*[1-9]/.test(found[0]) && /^[\d_]+$/.test(found[0])) {
      this.fail(
        'leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers',
        at,
      );
    }
    this.position = end;
    this.push('number', at, end);
    return true;
  }

  private operator(at: number): void {
    const found = this.match(OPERATOR, at);
    if (found === null) this.badCharacter(at);
    const [op] = found;
    this.position = at + op.length;
    if (openers.includes(op)) {
      if (this.brackets.push({ open: op, at }) > this.limits.maxDepth) this.tooDeep(at);
    } else if (closers.includes(op)) this.close(op, at);
    this.push('operator', at, this.position, op);
  }

  private badCharacter(at: number): never {
    const code = this.text.codePointAt(at) as number;
    const c = String.fromCodePoint(code);
    if (code < 128) this.fail('invalid syntax', at);
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    this.fail(`invalid character '${c}' (U+${hex})`, at);
  }

  private close(op: string, at: number): void {
    const open = this.brackets.pop();
    if (open === undefined) this.fail(`unmatched '${op}'`, at);
    if (openers.indexOf(open.open) === closers.indexOf(op)) return;
    const [from, here] = [this.source.place(open.at).line, this.source.place(at).line];
    const where = from === here ? '' : ` on line ${from}`;
    this.fail(`closing parenthesis '${op}' does not match opening parenthesis '${open.open}'${where}`, at);
  }

  private string(at: number): boolean {
    const found = this.match(STRING_START, at);
    if (found === null) return false;
    const prefix = (found[1] as string).toLowerCase();
    if (!PREFIXES.has(prefix)) return false;
    const quote = found[2] as string;
    const start = at + found[0].length;
    if (prefix.includes('b')) this.fail('bytes are not available', at);
    if (prefix.includes('f')) {
      const { parts, end } = this.formatted(start, quote, prefix.includes('r'), at);
      this.position = end;
      if (this.tokens.push({ type: 'format', text: '', at, end, parts }) > this.limits.maxNodes)
        this.tooMany(at);
      return true;
    }
    const stop = this.endOfString(start, quote, at);
    const body = this.text.slice(start, stop);
    this.position = stop + quote.length;
    this.push('string', at, this.position, prefix.includes('r') ? body : this.unescape(body, start));
    return true;
  }

  /** The offset of the closing quote. */
  private endOfString(start: number, quote: string, at: number, kind = ''): number {
    for (let i = start; i < this.limit; i++) {
      const c = this.text[i];
      if (c === '\\') i++;
      else if (c === '\n' && quote.length === 1) break;
      else if (this.text.startsWith(quote, i) && i + quote.length <= this.limit) return i;
    }
    return this.unterminated(quote, at, kind);
  }

  private unterminated(quote: string, at: number, kind: string): never {
    const triple = quote.length === 3;
    const { line } = this.source.place(triple ? this.text.trimEnd().length : at);
    this.fail(
      `unterminated ${triple ? 'triple-quoted ' : ''}${kind}string literal (detected at line ${line})`,
      at,
    );
  }

  private unescape(body: string, at: number): string {
    if (!body.includes('\\')) return body;
    return body.replace(
      /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|N\{[^}]*\}|\r?\n|[\s\S])/g,
      (whole: string, code: string, offset: number) => {
        if (/^[0-7]/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
        if (code.length > 1 && code !== '\r\n') {
          if (code.startsWith('N')) this.fail('characters by name are not available', at + offset);
          const point = Number.parseInt(code.slice(1), 16);
          if (point > 0x10ffff) this.fail('(unicode error) illegal Unicode character', at + offset);
          return String.fromCodePoint(point);
        }
        if (code === 'x') this.fail('(unicode error) truncated \\xXX escape', at + offset);
        if (code === 'u') this.fail('(unicode error) truncated \\uXXXX escape', at + offset);
        if (code === 'U') this.fail('(unicode error) truncated \\UXXXXXXXX escape', at + offset);
        if (code === '\r\n') return '';
        return Object.hasOwn(escapes, code) ? (escapes[code] as string) : whole;
      },
    );
  }

  /** A formatted string from after its opening quote. */
  private formatted(
    start: number,
    quote: string,
    raw: boolean,
    at: number,
  ): { parts: (string | ReplacementTokens)[]; end: number } {
    if (this.nesting > 4) this.fail('f-string: expressions nested too deeply', at);
    const parts: (string | ReplacementTokens)[] = [];
    let i = start;
    let from = start;
    const literal = (to: number): void => {
      if (to > from)
        parts.push(raw ? this.text.slice(from, to) : this.unescape(this.text.slice(from, to), from));
    };
    for (;;) {
      const c = this.text[i];
      if (i >= this.limit || (c === '\n' && quote.length === 1)) this.unterminated(quote, at, 'f-');
      if (this.text.startsWith(quote, i)) {
        literal(i);
        return { parts, end: i + quote.length };
      }
      if (c === '\\') {
        // `\N{…}` and `\{`: the brace still opens.
        i += !raw && this.text[i + 1] !== '{' ? 2 : 1;
      } else if (c === '{' || c === '}') {
        if (this.text[i + 1] === c) {
          literal(i + 1);
          i += 2;
          from = i;
        } else if (c === '}') this.fail("f-string: single '}' is not allowed", i);
        else {
          literal(i);
          i = this.replacement(i, quote, raw, parts, 0);
          from = i;
        }
      } else i++;
    }
  }

  /** `{value=!r:spec}` from its opening brace; returns the offset after the closing one. */
  private replacement(
    at: number,
    quote: string,
    raw: boolean,
    parts: (string | ReplacementTokens)[],
    depth: number,
  ): number {
    if (depth > 1) this.fail('f-string: expressions nested too deeply', at);
    const end = this.endOfReplacement(at + 1, quote, at);
    let i = end;
    const expression = this.text.slice(at + 1, i);
    if (expression.trim() === '') this.fail('f-string: empty expression not allowed', i);
    let to = i;
    let documented = false;
    const self = /=\s*$/.exec(expression);
    if (self !== null && !/[=!<>]=\s*$/.test(expression)) {
      documented = true;
      to = at + 1 + self.index;
      parts.push(expression);
    }
    let conversion: ReplacementTokens['conversion'] = null;
    if (this.text[i] === '!') {
      const letter = this.text[i + 1] ?? '';
      if (!/[rsa]/.test(letter)) {
        const known = "expected 's', 'r', or 'a'";
        this.fail(`f-string: invalid conversion character${letter ? ` '${letter}'` : ''}: ${known}`, i);
      }
      conversion = letter as 'r';
      i += 2;
    }
    let spec: (string | ReplacementTokens)[] | null = null;
    if (this.text[i] === ':') {
      spec = [];
      i = this.spec(i + 1, quote, raw, spec, depth);
    }
    if (this.text[i] !== '}') this.fail("f-string: expecting '}'", Math.min(i, this.limit));
    if (documented && spec === null && conversion === null) conversion = 'r';
    const inner = new Lexer(this.source, this.limits, at + 1, to, this.nesting + 1);
    parts.push({ tokens: inner.expression(), conversion, spec, at: at + 1 });
    return i + 1;
  }

  private spec(
    at: number,
    quote: string,
    raw: boolean,
    parts: (string | ReplacementTokens)[],
    depth: number,
  ): number {
    let i = at;
    let from = at;
    const literal = (): void => {
      if (i > from)
        parts.push(raw ? this.text.slice(from, i) : this.unescape(this.text.slice(from, i), from));
    };
    while (i < this.limit) {
      const c = this.text[i];
      if (c === '{') {
        literal();
        i = this.replacement(i, quote, raw, parts, depth + 1);
        from = i;
      } else if (c === '}' || this.text.startsWith(quote, i)) break;
      else i++;
    }
    literal();
    return i;
  }

  /** The end of an expression in braces: `}`, `!r`, or `:` that stands in no bracket. */
  private endOfReplacement(start: number, quote: string, at: number): number {
    let depth = 0;
    for (let i = start; i < this.limit; i++) {
      const c = this.text[i] as string;
      if (c === "'" || c === '"') {
        const triple = this.text.startsWith(c.repeat(3), i) ? c.repeat(3) : c;
        if (triple === quote && this.nestedEnd(i, triple) === null) break;
        i = this.endOfString(i + triple.length, triple, i) + triple.length - 1;
      } else if (openers.includes(c)) {
        if (++depth > this.limits.maxDepth) this.tooDeep(i);
      } else if (depth > 0) {
        if (closers.includes(c)) depth--;
      } else if (c === '}' || c === ':') return i;
      else if (c === '!' && this.text[i + 1] !== '=') return i;
      else if (c === '\n' && quote.length === 1) continue;
      else if (c === '#') this.fail("f-string expression part cannot include '#'", i);
    }
    return this.fail("f-string: expecting '}'", at);
  }

  /** The end of a string with the same quotes inside braces; null where the quote ends the outer string. */
  private nestedEnd(at: number, quote: string): number | null {
    const rest = this.text.slice(at + quote.length, this.limit);
    const line = quote.length === 1 ? rest.split('\n', 1)[0] : rest;
    const end = (line as string).indexOf(quote);
    return end < 0 ? null : end;
  }
}
