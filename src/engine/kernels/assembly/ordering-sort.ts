// Stable sorting of lines. Elements become unsigned keys in their order; a key's 32 bits and the element's place make
// one word, and words are sorted by counting their digits, the lowest first (radix sort): a number of passes, whatever
// the values. Keys of 64 bits are sorted by their upper half; what is equal there is mostly settled by insertion.
import { at, put, bytes } from './element';

const SHORT = 48;
const FEW = 2048;
const RUN = 24;

/** Keys that compare as the elements do: NaN above all, the two zeros equal. */
@inline export function orderKey<T>(x: T): u64 {
  if (isFloat<T>()) {
    if (x != x) return sizeof<T>() == 8 ? u64.MAX_VALUE : 0xffffffff;
    if (sizeof<T>() == 8) {
      const bits = reinterpret<i64>(<f64>x + 0.0);
      return <u64>(bits ^ ((bits >> 63) | i64.MIN_VALUE));
    }
    const bits = reinterpret<i32>(<f32>x + <f32>0.0);
    return <u64><u32>(bits ^ ((bits >> 31) | i32.MIN_VALUE));
  }
  if (sizeof<T>() == 8) return <u64>x ^ 0x8000000000000000;
  if (sizeof<T>() == 4) return <u64>(<u32>x ^ 0x80000000);
  return <u64>x;
}

/** The key of an element of a line; `flip` is all ones for descending order, `base` the least key. */
@inline function keyAt<T>(a: usize, pitch: usize, i: u32, flip: u64, base: u64): u64 {
  return (orderKey<T>(load<T>(a + pitch * i)) ^ flip) - base;
}

/** Words of one half of each key and the element's place, in the order of `places` or, without them, of the line. */
function pack<T>(
  to: usize, places: usize, a: usize, pitch: usize, n: i32,
  flip: u64, base: u64, upper: bool, counts: usize, width: i32,
): void {
  const digits = (31 + width) / width, mask: u64 = (1 << width) - 1;
  memory.fill(counts, 0, <usize>digits << (width + 2));
  for (let j = 0; j < n; j++) {
    const i: u32 = places ? load<u32>(places + (<usize>j << 3)) : j;
    const key = keyAt<T>(a, pitch, i, flip, base);
    let half = upper ? key >> 32 : key & 0xffffffff;
    store<u64>(to + (<usize>j << 3), (half << 32) | i);
    for (let d = 0, table = counts; d < digits; d++, table += <usize>4 << width, half >>= width) {
      const cell = table + (<usize>(half & mask) << 2);
      store<u32>(cell, load<u32>(cell) + 1);
    }
  }
}

/** Sorts words by their upper 32 bits, whose digits are counted; the result is in `a` or `b`. */
function radix(a: usize, b: usize, n: i32, counts: usize, width: i32): usize {
  const digits = (31 + width) / width, mask: u64 = (1 << width) - 1, end = a + (<usize>n << 3);
  let from = a, to = b;
  for (let d = 0, table = counts; d < digits; d++, table += <usize>4 << width) {
    const shift: u64 = 32 + d * width;
    if (load<u32>(table + (<usize>((load<u64>(from) >> shift) & mask) << 2)) == <u32>n) continue;
    let next: u32 = <u32>to;
    for (let cell = table, last = table + (<usize>4 << width); cell < last; cell += 4) {
      const count = load<u32>(cell);
      store<u32>(cell, next);
      next += count << 3;
    }
    for (let p = from, last = from + (end - a); p < last; p += 8) {
      const word = load<u64>(p), cell = table + (<usize>((word >> shift) & mask) << 2), place = load<u32>(cell);
      store<u32>(cell, place + 8);
      store<u64>(place, word);
    }
    const other = from;
    from = to;
    to = other;
  }
  return from;
}

/** Sorts what is equal in the upper halves by the lower ones; false where there are many in one place. */
function settle<T>(words: usize, a: usize, pitch: usize, n: i32, flip: u64, base: u64): bool {
  const end = words + (<usize>n << 3);
  let start = words;
  while (start < end) {
    const upper = load<u32>(start, 4);
    let stop = start + 8;
    while (stop < end && load<u32>(stop, 4) == upper) stop += 8;
    if (<i32>(stop - start) > RUN * 8) return false;
    for (let p = start + 8; p < stop; p += 8) {
      const word = load<u64>(p), key = keyAt<T>(a, pitch, <u32>word, flip, base);
      let q = p;
      while (q > start && keyAt<T>(a, pitch, load<u32>(q - 8), flip, base) > key) {
        store<u64>(q, load<u64>(q - 8));
        q -= 8;
      }
      store<u64>(q, word);
    }
    start = stop;
  }
  return true;
}

/** The words of a short line in order, by insertion. */
function insertion<T>(words: usize, keys: usize, a: usize, pitch: usize, n: i32, flip: u64): usize {
  for (let i = 0; i < n; i++) {
    const key = keyAt<T>(a, pitch, i, flip, 0);
    let j = i;
    while (j > 0 && at<u64>(keys, j - 1) > key) {
      put<u64>(keys, j, at<u64>(keys, j - 1));
      put<u64>(words, j, at<u64>(words, j - 1));
      j--;
    }
    put<u64>(keys, j, key);
    put<u64>(words, j, i);
  }
  return words;
}

/** Words whose lower 32 bits are the places of the elements of a line in order. `scratch` as of `sort`. */
export function sortPlaces<T>(a: usize, pitch: usize, n: i32, flip: u64, scratch: usize): usize {
  const b = scratch + (<usize>n << 3), counts = b + (<usize>n << 3);
  if (n <= SHORT) return insertion<T>(scratch, b, a, pitch, n, flip);
  const width = n < FEW ? 8 : 11;
  let base: u64 = 0, range: u64 = 0xffffffff;
  if (isInteger<T>() || sizeof<T>() == 8) {
    let most: u64 = 0;
    base = u64.MAX_VALUE;
    for (let i = 0; i < n; i++) {
      const key = keyAt<T>(a, pitch, i, flip, 0);
      base = min<u64>(base, key);
      most = max<u64>(most, key);
    }
    range = most - base;
  }
  if (range >> 32) {
    pack<T>(scratch, 0, a, pitch, n, flip, base, true, counts, width);
    const words = radix(scratch, b, n, counts, width);
    if (settle<T>(words, a, pitch, n, flip, base)) return words;
  }
  pack<T>(scratch, 0, a, pitch, n, flip, base, false, counts, width);
  const words = radix(scratch, b, n, counts, width);
  if (!(range >> 32)) return words;
  const other = words == scratch ? b : scratch;
  pack<T>(other, words, a, pitch, n, flip, base, true, counts, width);
  return radix(other, words, n, counts, width);
}

/**
 * Lines of [outer, n, inner] over n in order, with the places that the elements had; NaN is the largest, equal elements
 * keep their order. `values` may be 0. `scratch` has room for 2 n + 3072 words of 8 bytes. @kernel all
 */
export function sort<T>(
  values: usize, indices: usize, a: usize, scratch: usize, outer: i32, n: i32, inner: i32, descending: i32,
): void {
  const pitch = bytes<T>(inner), step = bytes<i64>(inner), flip: u64 = !descending ? 0 : sizeof<T>() == 8 ? ~0 : 0xffffffff;
  const ahead = values ? pitch * n : 0;
  for (let o = 0; o < outer; o++, a += pitch * n, values += ahead, indices += step * n) {
    for (let i = 0; i < inner; i++) {
      const line = a + bytes<T>(i);
      let word = sortPlaces<T>(line, pitch, n, flip, scratch), to = indices + bytes<i64>(i);
      if (values) {
        for (let j = 0, p = values + bytes<T>(i); j < n; j++, word += 8, to += step, p += pitch) {
          const place = load<u32>(word);
          store<i64>(to, place);
          store<T>(p, load<T>(line + pitch * place));
        }
      } else {
        for (let j = 0; j < n; j++, word += 8, to += step) store<i64>(to, load<u32>(word));
      }
    }
  }
}
