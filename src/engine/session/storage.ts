import type { Extent } from '../tensor/tensor.ts';
import type { Variable } from './variable.ts';

/**
 * The bytes of a tensor and of all its views, and how often they were written to: PyTorch's storage with its version
 * counter. `.data` is a storage of its own on the same block, so that writing through it is not noticed.
 */
export class Storage implements Extent {
  readonly ptr: number;
  readonly numel: number;
  readonly bytes: number;
  /** Who owns the bytes; itself but for `.data`. */
  readonly block: Storage;
  /** Its place in the order in which storages are made. */
  readonly id: number;
  version = 0;
  /** The last collection that reached it. */
  mark = 0;
  /** How many gradients of a running reverse walk lie here; below zero where others may, too. */
  pending = 0;
  freed = false;
  /** The variable that lies here and is no view, once its place in the graph has changed. */
  owner: Variable | null = null;

  constructor(id: number, ptr: number, numel: number, bytes: number, block: Storage | null = null) {
    this.id = id;
    this.ptr = ptr;
    this.numel = numel;
    this.bytes = bytes;
    this.block = block ?? this;
  }
}
