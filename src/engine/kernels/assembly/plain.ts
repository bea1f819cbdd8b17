// Kernels of no dtype.
import { at, put } from './element';
import { loadState, saveState, seed } from './random-generator';

export function copy(dst: usize, src: usize, bytes: i32): void {
  memory.copy(dst, src, bytes);
}

/** The position of the first of n int64 indices outside [-size, size), or -1. */
export function check_index(idx: usize, n: i32, size: i32): i32 {
  for (let i = 0; i < n; i++) {
    const index = at<i64>(idx, i);
    if (index < -<i64>size || index >= <i64>size) return i;
  }
  return -1;
}

/** The position of the first of n int64 indices outside [0, size), or -1. */
export function check_place(idx: usize, n: i32, size: i32): i32 {
  for (let i = 0; i < n; i++) {
    const index = at<i64>(idx, i);
    if (index < 0 || index >= <i64>size) return i;
  }
  return -1;
}

/** Counts negative indices from the end. */
export function wrap_index(out: usize, idx: usize, n: i32, size: i32): void {
  for (let i = 0; i < n; i++) {
    const index = at<i64>(idx, i);
    put<i64>(out, i, index < 0 ? index + <i64>size : index);
  }
}

/** Starts the random generator again; only these bits of a seed count. */
export function seed_generator(bits: i32): void {
  seed(<u32>bits);
}

/** Writes the state of the random generator to `p`. */
export function save_generator(p: usize): void {
  saveState(p);
}

/** Goes on from a state that was written. */
export function load_generator(p: usize): void {
  loadState(p);
}

/** The first byte that no kernel uses. */
export function heap_base(): usize {
  return __heap_base;
}
