import type { Arena } from '../tensor/arena.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Storage } from './storage.ts';

/** A collection is asked for after so many fresh bytes at least, or so many storages. */
const FRESH_BYTES = 32 * 2 ** 20;
const FRESH_STORAGES = 10_000;

/** A state of the memory. */
export interface Point {
  readonly from: number;
  readonly releases: number;
}

/** The storages of a session: what is allocated, and what of it is given back. */
export class Memory {
  private readonly arena: Arena;
  /** Below it lies what was there before the session. */
  private readonly start: number;
  private blocks: Storage[] = [];
  private nextId = 0;
  private ceiling: number;
  private most = FRESH_STORAGES;
  private epoch = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.start = arena.mark();
    this.ceiling = this.ceilingAfter(FRESH_BYTES);
  }

  /** The id that the next storage will have. */
  get next(): number {
    return this.nextId;
  }

  /** A point for `freeSince`. */
  point(): Point {
    return { from: this.blocks.length, releases: this.arena.releases };
  }

  /** Bytes of the arena in use. */
  get used(): number {
    return this.arena.used;
  }

  /** How many storages there are that the session owns. */
  get length(): number {
    return this.blocks.length;
  }

  /** How often bytes were released that had been allocated for a while only. */
  get releases(): number {
    return this.arena.releases;
  }

  alloc(numel: number, bytes: number): Storage {
    return this.adopt(this.arena.alloc(bytes), numel, bytes);
  }

  /** A storage for bytes that were just allocated. */
  adopt(ptr: number, numel: number, bytes: number): Storage {
    const storage = new Storage(this.nextId++, ptr, numel, bytes);
    this.blocks.push(storage);
    return storage;
  }

  /** A storage with a version counter of its own on the bytes of another. */
  share({ ptr, numel, bytes, block }: Storage): Storage {
    return new Storage(this.nextId++, ptr, numel, bytes, block);
  }

  /** A storage for bytes that the session does not own. */
  borrow(ptr: number, numel: number, bytes: number): Storage {
    return new Storage(this.nextId++, ptr, numel, bytes);
  }

  free(storage: Storage): void {
    if (storage.freed) return;
    storage.freed = true;
    this.arena.free(storage.ptr, storage.bytes);
  }

  /**
   * Frees every storage that was made since a point and that `keeps` does not hold. None where bytes were released in
   * between, since they may have been handed out again: those wait for a collection.
   */
  freeSince({ from, releases }: Point, keeps: (storage: Storage) => boolean): void {
    if (releases !== this.arena.releases) return;
    const { blocks } = this;
    for (let i = blocks.length - 1; i >= from; i--) {
      const storage = blocks[i] as Storage;
      if (!storage.freed && !keeps(storage)) this.free(storage);
    }
    while (blocks.length > from && (blocks[blocks.length - 1] as Storage).freed) blocks.pop();
  }

  /** Whether so much was allocated since the last collection that another may pay. */
  get wantsCollection(): boolean {
    return this.arena.occupied > this.ceiling || this.blocks.length > this.most;
  }

  /** Where the next collection is due: before there is no room for what it would give back. */
  private ceilingAfter(fresh: number): number {
    const { occupied, room } = this.arena;
    return occupied + Math.min(fresh, room / 2);
  }

  /** Starts a collection; `reach` says then what is still in use. */
  beginCollection(): void {
    this.epoch++;
  }

  reach(tensor: Tensor): void {
    (tensor.root as Storage).block.mark = this.epoch;
  }

  /** Bound, for walks over tensors. */
  readonly reached = (tensor: Tensor): void => this.reach(tensor);

  /** Ends a collection: takes back what was not reached. Returns the elements that are in use. */
  endCollection(): number {
    const live = this.blocks.filter((block) => block.mark === this.epoch && !block.freed);
    for (const block of this.blocks) if (block.mark !== this.epoch) block.freed = true;
    let bytes = 0;
    let numel = 0;
    for (const block of live) {
      bytes += block.bytes;
      numel += block.numel;
    }
    const inOrder = [...live].sort((a, b) => a.ptr - b.ptr);
    this.arena.keep(this.start, inOrder);
    this.blocks = live;
    this.ceiling = this.ceilingAfter(Math.max(FRESH_BYTES, bytes / 2));
    this.most = live.length + Math.max(FRESH_STORAGES, live.length);
    return numel;
  }
}
