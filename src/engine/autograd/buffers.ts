/** A growing list of int32, outside the heap that the garbage collector walks. */
export class IntList {
  private items = new Int32Array(16);
  length = 0;

  push(value: number): void {
    if (this.length === this.items.length) {
      const grown = new Int32Array(2 * this.length);
      grown.set(this.items);
      this.items = grown;
    }
    this.items[this.length++] = value;
  }

  at(i: number): number {
    return this.items[i] as number;
  }
}

const ZERO = 48;

const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Writes JSON in ASCII into bytes that grow as needed. */
export class AsciiWriter {
  private buffer: Buffer;
  private length = 0;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafe(capacity);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(2 * (this.length + more));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  /** Other characters than those of ASCII can only stand in strings: they are escaped. */
  text(text: string): void {
    const n = text.length;
    this.reserve(n);
    const { buffer } = this;
    let at = this.length;
    for (let i = 0; i < n; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        this.text(escaped(text));
        return;
      }
      buffer[at++] = code;
    }
    this.length = at;
  }

  /** A non-negative integer below 2^31. */
  integer(value: number): void {
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    this.reserve(digits);
    let rest = value;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const tens = (rest / 10) | 0;
      this.buffer[at] = ZERO + rest - 10 * tens;
      rest = tens;
    }
    this.length += digits;
  }

  toString(): string {
    return this.buffer.toString('latin1', 0, this.length);
  }
}
