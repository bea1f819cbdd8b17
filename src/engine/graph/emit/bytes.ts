const text = new TextEncoder();

/** Bytes of a WebAssembly module as they are written: LEB128 integers, vectors, names. */
export class ByteWriter {
  private buffer = new Uint8Array(256);
  length = 0;

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(2 * this.buffer.length, this.length + more));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }

  byte(value: number): this {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
    return this;
  }

  raw(bytes: Uint8Array): this {
    const n = bytes.length;
    this.reserve(n);
    // `set` takes longer than a few bytes are worth.
    if (n > 32) this.buffer.set(bytes, this.length);
    else for (let i = 0; i < n; i++) this.buffer[this.length + i] = bytes[i] as number;
    this.length += n;
    return this;
  }

  /** An unsigned integer below 2^32. */
  unsigned(value: number): this {
    for (; value >= 0x80; value = Math.floor(value / 128)) this.byte((value % 128) | 0x80);
    return this.byte(value);
  }

  /** A signed 32-bit integer. */
  signed(value: number): this {
    for (; value < -64 || value > 63; value >>= 7) this.byte((value & 0x7f) | 0x80);
    return this.byte(value & 0x7f);
  }

  name(name: string): this {
    const bytes = text.encode(name);
    return this.unsigned(bytes.length).raw(bytes);
  }

  /** A section: its id, its length, its contents. */
  section(id: number, contents: ByteWriter): this {
    return this.byte(id).unsigned(contents.length).raw(contents.bytes());
  }

  /** What has been written; valid until more is. */
  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** Reads what ByteWriter writes. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new RangeError('the module ends early');
    return value;
  }

  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (let more = true; more; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      more = byte >= 0x80;
    }
    return value;
  }

  /** Passes an integer of any size and sign. */
  skipInteger(): void {
    while (this.byte() >= 0x80);
  }

  name(): string {
    const length = this.unsigned();
    const start = this.at;
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(start, this.at));
  }

  /** As many items as the count in front of them says. */
  vector<T>(item: (index: number) => T): T[] {
    const items: T[] = [];
    for (let i = 0, n = this.unsigned(); i < n; i++) items.push(item(i));
    return items;
  }
}
