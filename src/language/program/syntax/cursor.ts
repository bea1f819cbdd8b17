import type { Token } from './lexer.ts';
import type { ProgramLimits, Source } from './source.ts';

/** Thrown in place of an error that nobody sees: finding its line takes time. */
const FAILED = new Error('not this');
/** Walks over tokens: what all parts of the grammar read with. */
export class Cursor {
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

  /** A comma, or CPython's guess why there is none. */
  protected comma(): void {
    if (this.take(',')) return;
    const before = this.tokens[this.index - 1] as Token;
    const { type } = this.token;
    if (['name', 'number', 'string', 'format'].includes(type) && before.type !== 'operator')
      this.fail('invalid syntax. Perhaps you forgot a comma?', before.at);
    this.unexpected();
  }
}
