// Elements put, added and reduced where indices, masks or overlapping strides name. The host has checked the indices.
import { at, put, bytes, lowest, highest } from './element';

const MAX_DIMS = 64;
const places: usize = memory.data(MAX_DIMS * 4);

const SUM = 0, PROD = 1, AMAX = 2, AMIN = 3, MEAN = 4;

@inline function isBool<T>(): bool {
  return isInteger<T>() && sizeof<T>() == 1;
}

@inline function identity<T>(mode: i32): T {
  if (mode == PROD) return <T>1;
  if (mode == AMAX) return lowest<T>();
  if (mode == AMIN) return highest<T>();
  return <T>0;
}

@inline function sumOf<T>(a: T, b: T): T {
  if (isInteger<T>()) return isBool<T>() ? <T>(a | b) : <T>(a + b);
  return <T>(a + b);
}

@inline function combine<T>(mode: i32, a: T, b: T): T {
  if (mode == PROD) return <T>(a * b);
  if (mode == AMAX) return max<T>(a, b);
  if (mode == AMIN) return min<T>(a, b);
  return sumOf<T>(a, b);
}

/** Rounded down where T is an integer. */
@inline function share<T>(x: T, n: i32): T {
  if (isFloat<T>() || isBool<T>()) return <T>(x / <T>n);
  const q = <T>(x / <T>n);
  return x < 0 && q * <T>n != x ? <T>(q - 1) : q;
}

/**
 * out[o, k, i] combined with src[o, j, i] for k the index at idx[o so + j sj + i si]; mode: 0 sum, 1 product, 2 largest,
 * 3 smallest, 4 mean. `seen` has room for an int32 for each element of out. @kernel all
 */
export function scatter_reduce_dim<T>(
  out: usize, src: usize, idx: usize, outer: i32, nOut: i32, inner: i32, nIdx: i32,
  so: i32, sj: i32, si: i32, mode: i32, includeSelf: i32, seen: usize,
): void {
  const all = outer * nOut * inner;
  memory.fill(seen, 0, bytes<i32>(all));
  let target = out, count = seen;
  for (let o = 0; o < outer; o++, target += bytes<T>(nOut * inner), count += bytes<i32>(nOut * inner)) {
    for (let j = 0; j < nIdx; j++, src += bytes<T>(inner)) {
      for (let i = 0; i < inner; i++) {
        const k = <i32>at<i64>(idx, o * so + j * sj + i * si) * inner + i, times = at<i32>(count, k);
        const before = times == 0 && !includeSelf ? identity<T>(mode) : at<T>(target, k);
        put<T>(target, k, combine<T>(mode, before, at<T>(src, i)));
        put<i32>(count, k, times + 1);
      }
    }
  }
  if (mode != MEAN) return;
  for (let k = 0; k < all; k++) {
    const times = at<i32>(seen, k);
    if (times > 0) put<T>(out, k, share<T>(at<T>(out, k), times + includeSelf));
  }
}

/** out[o, idx[j], i] = src[o, j, i]; the last of equal indices stays. @kernel size */
export function index_set<T>(
  out: usize, src: usize, idx: usize, outer: i32, nOut: i32, inner: i32, nIdx: i32,
): void {
  const row = bytes<T>(inner);
  for (let o = 0; o < outer; o++, out += row * nOut) {
    for (let j = 0; j < nIdx; j++, src += row) {
      const target = out + row * <i32>at<i64>(idx, j);
      if (inner == 1) store<T>(target, load<T>(src));
      else memory.copy(target, src, row);
    }
  }
}

/** out[o, idx[j], i] = the element at `value`. @kernel size */
export function index_fill<T>(
  out: usize, value: usize, idx: usize, outer: i32, nOut: i32, inner: i32, nIdx: i32,
): void {
  const x = load<T>(value), row = bytes<T>(inner);
  for (let o = 0; o < outer; o++, out += row * nOut) {
    for (let j = 0; j < nIdx; j++) {
      const target = out + row * <i32>at<i64>(idx, j);
      for (let i = 0; i < inner; i++) put<T>(target, i, x);
    }
  }
}

/** The elements of src, in order, over those of out where the mask is true; 1 where there are too few. @kernel size */
export function masked_scatter<T>(out: usize, src: usize, mask: usize, n: i32, nSrc: i32): i32 {
  let next = 0;
  for (let i = 0; i < n; i++) {
    if (!at<u8>(mask, i)) continue;
    if (next == nSrc) return 1;
    put<T>(out, i, at<T>(src, next++));
  }
  return 0;
}

/** The elements where the mask is true, in order, zeros behind them. @kernel size */
export function masked_gather<T>(out: usize, a: usize, mask: usize, n: i32, nOut: i32): void {
  let next = 0;
  for (let i = 0; i < n && next < nOut; i++) {
    if (at<u8>(mask, i)) put<T>(out, next++, at<T>(a, i));
  }
  memory.fill(out + bytes<T>(next), 0, bytes<T>(nOut - next));
}

/** The view's element at row-major index i += src[i]; its elements may lie in one place. @kernel number */
export function add_strided<T>(dst: usize, src: usize, desc: usize, n: i32): void {
  const ndim = load<i32>(desc), shape = desc + 4, strides = shape + bytes<i32>(ndim);
  if (n <= 0) return;
  if (ndim == 0) return store<T>(dst, load<T>(dst) + load<T>(src));
  const size = at<i32>(shape, ndim - 1), step = at<i32>(strides, ndim - 1);
  memory.fill(places, 0, bytes<i32>(ndim));
  let offset = 0;
  while (true) {
    for (let i = 0; i < size; i++) {
      const k = offset + i * step;
      put<T>(dst, k, at<T>(dst, k) + at<T>(src, i));
    }
    if ((n -= size) <= 0) return;
    src += bytes<T>(size);
    for (let d = ndim - 2; d >= 0; d--) {
      const i = at<i32>(places, d) + 1;
      offset += at<i32>(strides, d);
      put<i32>(places, d, i);
      if (i < at<i32>(shape, d)) break;
      offset -= i * at<i32>(strides, d);
      put<i32>(places, d, 0);
    }
  }
}

/** How many elements the repetitions are, or -1 where one is negative. @kernel int */
export function repeat_total<T>(repeats: usize, n: i32): f64 {
  let total: f64 = 0;
  for (let i = 0; i < n; i++) {
    const times = at<T>(repeats, i);
    if (times < 0) return -1;
    total += <f64>times;
  }
  return total;
}

/** Each index as often as repeats says, as int64s; 1 where they are not `size`, 2 where one is negative. @kernel int */
export function repeat_index<T>(out: usize, repeats: usize, n: i32, size: f64): i32 {
  const total = repeat_total<T>(repeats, n);
  if (total < 0) return 2;
  if (total != size) return 1;
  for (let i = 0; i < n; i++) {
    for (let times = <i64>at<T>(repeats, i); times > 0; times--, out += 8) store<i64>(out, i);
  }
  return 0;
}

/**
 * The rows, then the columns of the n places of a triangle, from a row on each of which has some: up to the diagonal
 * `offset`, or from it on. @kernel int
 */
export function triangle_indices<T>(out: usize, n: i32, row: f64, cols: f64, offset: f64, upper: i32): void {
  const columns = out + bytes<T>(n);
  for (let r = <i64>row, k = 0; k < n; r++) {
    const edge = r + <i64>offset;
    const from = upper ? max<i64>(0, edge) : 0, to = upper ? <i64>cols : min<i64>(<i64>cols, edge + 1);
    for (let c = from; c < to; c++, k++) {
      put<T>(out, k, <T>r);
      put<T>(columns, k, <T>c);
    }
  }
}
