import { GraddError } from '../errors.ts';

const PAGE = 65536;
/** One short of 4 GiB: an array that ended there would have the end address 0. */
const MAX_PAGES = 65535;
/** Room for one vector register; every allocation starts at a multiple of it. */
const ALIGN = 16;

/**
 * The numbers of an engine: one WebAssembly memory, handed out from the front and taken back all at once by `reset`.
 * The typed-array views are renewed when the memory grows, so they are to be read from here each time.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  private readonly base: number;
  private top: number;
  private end: number;
  private maxBytes = Number.POSITIVE_INFINITY;
  u8!: Uint8Array;
  i32!: Int32Array;
  f32!: Float32Array;
  f64!: Float64Array;
  i64!: BigInt64Array;

  /** Hands out the bytes of `memory` from `base` on. */
  constructor(memory: WebAssembly.Memory, base: number) {
    this.memory = memory;
    this.base = Math.ceil(base / ALIGN) * ALIGN;
    this.top = this.base;
    this.end = 0;
    this.refresh();
  }

  private refresh(): void {
    const { buffer } = this.memory;
    this.end = Math.min(buffer.byteLength, this.base + this.maxBytes);
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }

  /** The address of `bytes` fresh bytes, not cleared. Throws `limit-exceeded` when the memory is full. */
  alloc(bytes: number): number {
    const ptr = this.top;
    const top = ptr + ((bytes + ALIGN - 1) & -ALIGN);
    if (!(bytes >= 0 && bytes <= 0x7fffffff) || top > this.end) return this.allocGrown(bytes);
    this.top = top;
    return ptr;
  }

  private allocGrown(bytes: number): number {
    if (!(bytes >= 0)) throw new RangeError(`alloc of ${bytes} bytes`);
    const ptr = this.top;
    const top = ptr + Math.ceil(bytes / ALIGN) * ALIGN;
    if (top > this.end) this.grow(top);
    this.top = top;
    return ptr;
  }

  /** Grows by at least an eighth, so that many small allocations grow rarely. */
  private grow(top: number): void {
    if (top - this.base > this.maxBytes) {
      throw new GraddError(
        'limit-exceeded',
        `The evaluation needs ${top - this.base} bytes of memory or more, which exceeds the limit of ${this.maxBytes} bytes (MAX_MEMORY_BYTES)`,
      );
    }
    const have = this.memory.buffer.byteLength / PAGE;
    const need = Math.ceil(top / PAGE);
    const want = Math.min(MAX_PAGES, Math.max(need, Math.ceil(have * 1.125)));
    if (need > MAX_PAGES || !this.tryGrow(want - have)) {
      throw new GraddError(
        'limit-exceeded',
        `The evaluation needs more than the ${MAX_PAGES * PAGE} bytes of an engine`,
      );
    }
    this.refresh();
  }

  /** Bounds the bytes that are handed out. */
  limit(bytes: number): void {
    if (bytes === this.maxBytes) return;
    this.maxBytes = bytes;
    this.end = Math.min(this.memory.buffer.byteLength, this.base + bytes);
  }

  private tryGrow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  /** A point to `release` to. */
  mark(): number {
    return this.top;
  }

  /** Takes back everything that was handed out after `mark`. */
  release(mark: number): void {
    this.top = mark;
  }

  /** Hands out everything up to an address, which must be within what there is already. */
  reach(top: number): void {
    if (top > this.end) this.grow(top);
    this.top = top;
  }

  /** Takes back everything. */
  reset(): void {
    this.top = this.base;
  }

  /** Bytes in use. */
  get used(): number {
    return this.top - this.base;
  }

  /** Bytes of the WebAssembly memory. */
  get capacity(): number {
    return this.memory.buffer.byteLength;
  }
}
