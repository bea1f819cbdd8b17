import { GraddError } from '../errors.ts';
import { Pool } from './pool.ts';

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
  /** Where `alloc` stops taking from the front: the end, or at once where bytes that came back are used first. */
  private limit: number;
  private readonly pool = new Pool();
  /** How often `release` was called: what was allocated before may be handed out again. */
  releases = 0;
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
    this.limit = 0;
    this.refresh();
  }

  private refresh(): void {
    const { buffer } = this.memory;
    this.end = Math.min(buffer.byteLength, this.base + this.maxBytes);
    this.limit = this.pool.bytes > 0 ? -1 : this.end;
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
    if (!(bytes >= 0 && bytes <= 0x7fffffff) || top > this.limit) return this.allocGrown(bytes);
    this.top = top;
    return ptr;
  }

  private allocGrown(bytes: number): number {
    if (!(bytes >= 0)) throw new RangeError(`alloc of ${bytes} bytes`);
    const size = Math.ceil(bytes / ALIGN) * ALIGN;
    if (this.pool.bytes > 0 && size > 0) {
      const reused = this.pool.take(size);
      if (this.pool.bytes === 0) this.limit = this.end;
      if (reused >= 0) return reused;
    }
    const ptr = this.top;
    const top = ptr + size;
    if (top > this.end) this.grow(top);
    this.top = top;
    return ptr;
  }

  /** Takes back bytes that `alloc` handed out, before all others are. */
  free(ptr: number, bytes: number): void {
    const size = Math.ceil(bytes / ALIGN) * ALIGN;
    if (ptr + size === this.top) this.top = ptr;
    else if (size > 0) {
      this.pool.put(ptr, size);
      this.limit = -1;
    }
  }

  /**
   * Takes back everything from `start` on but for some extents.
   *
   * @param kept address and size of each, in the order of the addresses
   */
  keep(start: number, kept: Iterable<{ readonly ptr: number; readonly bytes: number }>): void {
    this.pool.clear();
    let at = start;
    for (const { ptr, bytes } of kept) {
      if (ptr > at) this.pool.put(at, ptr - at);
      at = Math.max(at, ptr + Math.ceil(bytes / ALIGN) * ALIGN);
    }
    this.top = at;
    this.limit = this.pool.bytes > 0 ? -1 : this.end;
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
  bound(bytes: number): void {
    if (bytes === this.maxBytes) return;
    this.maxBytes = bytes;
    this.end = Math.min(this.memory.buffer.byteLength, this.base + bytes);
    this.limit = this.pool.bytes > 0 ? -1 : this.end;
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
    this.releases++;
  }

  /** Hands out everything up to an address, which must be within what there is already. */
  reach(top: number): void {
    if (top > this.end) this.grow(top);
    this.top = top;
  }

  /** Takes back everything. */
  reset(): void {
    this.top = this.base;
    this.pool.clear();
    this.limit = this.end;
  }

  /** Bytes in use. */
  get used(): number {
    return this.top - this.base;
  }

  /** Bytes in use without those that came back. */
  get occupied(): number {
    return this.top - this.base - this.pool.bytes;
  }

  /** Bytes that may still be taken. */
  get room(): number {
    return Math.min(this.maxBytes, MAX_PAGES * PAGE - this.base) - this.occupied;
  }

  /** Bytes of the WebAssembly memory. */
  get capacity(): number {
    return this.memory.buffer.byteLength;
  }
}
