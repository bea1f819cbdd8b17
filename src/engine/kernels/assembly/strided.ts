// Strided views: `desc` points to int32s [ndim, shape…, strides…], strides in elements. The innermost
// dimension is a plain loop; the others are counted by an odometer.
import { at, put, bytes } from './element';

const MAX_DIMS = 64;
/** Rows of fewer elements are copied one by one: a call of memory.copy costs more. */
const SHORT = 16;
/** Rows of a transposed view that are read together: a cache has at least as many ways. */
const TOGETHER = 8;
const counters: usize = memory.data(MAX_DIMS * 4);

/** Sets the counters to the row-major index `start`; the element offset of that index. */
function seek(desc: usize, start: i32): i32 {
  const ndim = load<i32>(desc), shape = desc + 4, strides = shape + bytes<i32>(ndim);
  let offset = 0;
  for (let d = ndim - 1; d >= 0; d--) {
    const size = at<i32>(shape, d);
    const i = start % size;
    start /= size;
    put<i32>(counters, d, i);
    offset += i * at<i32>(strides, d);
  }
  return offset;
}

/** Steps to the next row; the change of the element offset of the row's beginning. */
function nextRow(desc: usize): i32 {
  const ndim = load<i32>(desc), shape = desc + 4, strides = shape + bytes<i32>(ndim);
  let change = 0;
  for (let d = ndim - 2; d >= 0; d--) {
    const i = at<i32>(counters, d) + 1, stride = at<i32>(strides, d);
    change += stride;
    if (i < at<i32>(shape, d)) {
      put<i32>(counters, d, i);
      return change;
    }
    put<i32>(counters, d, 0);
    change -= i * stride;
  }
  return change;
}

@inline function readRow<T>(dst: usize, src: usize, stride: i32, n: i32): void {
  if (stride == 1 && n >= SHORT) {
    memory.copy(dst, src, bytes<T>(n));
  } else if (stride == 0) {
    const x = load<T>(src);
    for (let i = 0; i < n; i++) put<T>(dst, i, x);
  } else {
    const step = stride << <i32>alignof<T>();
    for (let i = 0; i < n; i++, src += step) put<T>(dst, i, load<T>(src));
  }
}

@inline function writeRow<T>(dst: usize, src: usize, stride: i32, n: i32): void {
  if (stride == 1 && n >= SHORT) {
    memory.copy(dst, src, bytes<T>(n));
  } else {
    const step = stride << <i32>alignof<T>();
    for (let i = 0; i < n; i++, dst += step) store<T>(dst, at<T>(src, i));
  }
}

/** How many whole rows from here on are neighbours in memory, element by element, and wanted. */
@inline function neighbours(desc: usize, n: i32): i32 {
  const ndim = load<i32>(desc);
  if (ndim < 2 || at<i32>(desc, 2 * ndim - 1) != 1 || at<i32>(desc, 2 * ndim) == 1) return 1;
  const left = at<i32>(desc, ndim - 1) - at<i32>(counters, ndim - 2);
  return max(1, min(min(left, TOGETHER), n / at<i32>(desc, ndim)));
}

/** `rows` rows of `size` elements whose elements are neighbours: column by column, as they lie in memory. */
@inline function readColumns<T>(dst: usize, src: usize, stride: i32, size: i32, rows: i32): void {
  const step = stride << <i32>alignof<T>();
  for (let c = 0; c < size; c++, src += step) {
    for (let r = 0, q = dst + bytes<T>(c); r < rows; r++, q += bytes<T>(size)) store<T>(q, at<T>(src, r));
  }
}

/** dst[i] = the view's element at row-major index start + i. @kernel size */
export function gather<T>(dst: usize, src: usize, desc: usize, start: i32, n: i32): void {
  const ndim = load<i32>(desc);
  if (n <= 0) return;
  if (ndim == 0) return store<T>(dst, load<T>(src));
  const size = at<i32>(desc, ndim), stride = at<i32>(desc, 2 * ndim);
  let offset = seek(desc, start), column = at<i32>(counters, ndim - 1);
  while (true) {
    const from = src + (offset << <i32>alignof<T>()), rows = column == 0 ? neighbours(desc, n) : 1;
    const run = rows > 1 ? rows * size : min(size - column, n);
    if (rows > 1) readColumns<T>(dst, from, stride, size, rows);
    else readRow<T>(dst, from, stride, run);
    if ((n -= run) <= 0) return;
    dst += bytes<T>(run);
    offset -= column * stride;
    for (let r = 0; r < rows; r++) offset += nextRow(desc);
    column = 0;
  }
}

/** The inverse of gather: the view's element at start + i becomes src[i]. @kernel size */
export function scatter<T>(dst: usize, src: usize, desc: usize, start: i32, n: i32): void {
  const ndim = load<i32>(desc);
  if (n <= 0) return;
  if (ndim == 0) return store<T>(dst, load<T>(src));
  const size = at<i32>(desc, ndim), stride = at<i32>(desc, 2 * ndim);
  let offset = seek(desc, start), column = at<i32>(counters, ndim - 1);
  while (true) {
    const run = min(size - column, n);
    writeRow<T>(dst + (offset << <i32>alignof<T>()), src, stride, run);
    if ((n -= run) <= 0) return;
    src += bytes<T>(run);
    offset += nextRow(desc) - column * stride;
    column = 0;
  }
}
