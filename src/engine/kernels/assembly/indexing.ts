// Elements chosen by int64 indices, which the host has checked and wrapped.
import { at, put, bytes } from './element';

@inline function index(idx: usize, i: i32): i32 {
  return <i32>at<i64>(idx, i);
}

/** out[o, j, i] = src[o, idx[j], i]. @kernel size */
export function index_select<T>(
  out: usize, src: usize, idx: usize, outer: i32, nSrc: i32, inner: i32, nIdx: i32,
): void {
  const row = bytes<T>(inner);
  for (let o = 0; o < outer; o++, src += row * nSrc) {
    for (let j = 0; j < nIdx; j++, out += row) {
      if (inner == 1) store<T>(out, at<T>(src, index(idx, j)));
      else memory.copy(out, src + row * index(idx, j), row);
    }
  }
}

/** out[o, idx[j], i] += src[o, j, i]. @kernel number */
export function index_add<T>(
  out: usize, src: usize, idx: usize, outer: i32, nOut: i32, inner: i32, nIdx: i32,
): void {
  const row = bytes<T>(inner);
  for (let o = 0; o < outer; o++, out += row * nOut) {
    for (let j = 0; j < nIdx; j++, src += row) {
      const target = out + row * index(idx, j);
      for (let i = 0; i < inner; i++) put<T>(target, i, at<T>(target, i) + at<T>(src, i));
    }
  }
}

/** out[o, j, i] = src[o, idx[o, j, i], i]. @kernel size */
export function gather_dim<T>(
  out: usize, src: usize, idx: usize, outer: i32, nSrc: i32, inner: i32, nIdx: i32,
): void {
  for (let o = 0; o < outer; o++, src += bytes<T>(nSrc * inner)) {
    for (let j = 0; j < nIdx; j++, out += bytes<T>(inner), idx += bytes<i64>(inner)) {
      for (let i = 0; i < inner; i++) put<T>(out, i, at<T>(src, index(idx, i) * inner + i));
    }
  }
}

/** out[o, idx[o, j, i], i] += src[o, j, i]. @kernel number */
export function scatter_add_dim<T>(
  out: usize, src: usize, idx: usize, outer: i32, nOut: i32, inner: i32, nIdx: i32,
): void {
  for (let o = 0; o < outer; o++, out += bytes<T>(nOut * inner)) {
    for (let j = 0; j < nIdx; j++, src += bytes<T>(inner), idx += bytes<i64>(inner)) {
      for (let i = 0; i < inner; i++) {
        const k = index(idx, i) * inner + i;
        put<T>(out, k, at<T>(out, k) + at<T>(src, i));
      }
    }
  }
}

/** out[o, idx[o, j, i], i] = src[o, j, i]. @kernel size */
export function scatter_dim<T>(
  out: usize, src: usize, idx: usize, outer: i32, nOut: i32, inner: i32, nIdx: i32,
): void {
  for (let o = 0; o < outer; o++, out += bytes<T>(nOut * inner)) {
    for (let j = 0; j < nIdx; j++, src += bytes<T>(inner), idx += bytes<i64>(inner)) {
      for (let i = 0; i < inner; i++) put<T>(out, index(idx, i) * inner + i, at<T>(src, i));
    }
  }
}

/** out[i] = src[idx[i]]. @kernel size */
export function take<T>(out: usize, src: usize, idx: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(out, i, at<T>(src, index(idx, i)));
}

/** out[idx[i]] = src[i]; the last of equal indices stays. @kernel size */
export function put_<T>(out: usize, src: usize, idx: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(out, index(idx, i), at<T>(src, i));
}

/** out[idx[i]] += src[i]. @kernel number */
export function put_add<T>(out: usize, src: usize, idx: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(out, index(idx, i), at<T>(out, index(idx, i)) + at<T>(src, i));
}

/** @kernel b8 */
export function count_nonzero<T>(a: usize, n: i32): i32 {
  let count = 0;
  for (let i = 0; i < n; i++) count += <i32>(at<u8>(a, i) != 0);
  return count;
}

/** The positions of the true elements, int64. @kernel b8 */
export function nonzero<T>(out: usize, a: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    if (!at<u8>(a, i)) continue;
    store<i64>(out, i);
    out += 8;
  }
}
