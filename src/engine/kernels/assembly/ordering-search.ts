// Searching in sorted lines, runs of equal elements, and counting into bins.
import { at, put, bytes } from './element';
import { orderKey } from './ordering-sort';

/**
 * Where each of m values belongs in its line of n sorted elements: before those that are not less, or behind those that
 * are not greater (`right`). `sorter` has the places of the elements in order, or is 0. @kernel number
 */
export function searchsorted<T>(
  out: usize, line: usize, values: usize, sorter: usize, lines: i32, n: i32, m: i32, right: i32,
): void {
  for (let l = 0; l < lines; l++, line += bytes<T>(n), sorter += sorter ? bytes<i64>(n) : 0) {
    for (let j = 0; j < m; j++, values += bytes<T>(1), out += 8) {
      const x = load<T>(values);
      let low = 0, high = n;
      while (low < high) {
        const middle = low + (high - low) / 2;
        const y = at<T>(line, sorter ? <i32>at<i64>(sorter, middle) : middle);
        if (right ? y > x : y >= x) high = middle;
        else low = middle + 1;
      }
      store<i64>(out, low);
    }
  }
}

/** Whether each of n elements is (or is not) among m sorted ones, NaN last. @kernel number */
export function isin<T>(out: usize, a: usize, sorted: usize, n: i32, m: i32, invert: i32): void {
  for (let i = 0; i < n; i++) {
    const x = at<T>(a, i);
    let low = 0, high = m;
    while (low < high) {
      const middle = low + (high - low) / 2;
      if (at<T>(sorted, middle) < x) low = middle + 1;
      else high = middle;
    }
    put<u8>(out, i, <u8>((low < m && at<T>(sorted, low) == x) != (invert != 0)));
  }
}

/** Whether a row of `width` elements differs from the row before it; the first does. @kernel all */
export function first_of_runs<T>(out: usize, a: usize, rows: i32, width: i32): void {
  const pitch = bytes<T>(width);
  for (let i = 0; i < rows; i++, a += pitch) {
    let differs = i == 0;
    for (let j = 0; j < width && !differs; j++) differs = at<T>(a, j) != at<T>(a - pitch, j);
    put<u8>(out, i, <u8>differs);
  }
}

@inline function rowBefore<T>(a: usize, b: usize, width: i32): bool {
  for (let j = 0; j < width; j++) {
    const x = orderKey<T>(at<T>(a, j)), y = orderKey<T>(at<T>(b, j));
    if (x != y) return x < y;
  }
  return false;
}

/** The places of rows in lexicographic order, by merging; `scratch` has room for as many. @kernel all */
export function row_order<T>(out: usize, a: usize, scratch: usize, rows: i32, width: i32): void {
  const pitch = bytes<T>(width);
  let from = out, to = scratch;
  for (let i = 0; i < rows; i++) put<i64>(from, i, i);
  for (let run: i64 = 1; run < rows; run *= 2) {
    for (let start: i64 = 0; start < rows; start += 2 * run) {
      const middle = <i32>min<i64>(rows, start + run), end = <i32>min<i64>(rows, start + 2 * run);
      let i = <i32>start, j = middle;
      for (let k = i; k < end; k++) {
        const takeRight = i >= middle || (j < end &&
          rowBefore<T>(a + pitch * <i32>at<i64>(from, j), a + pitch * <i32>at<i64>(from, i), width));
        put<i64>(to, k, at<i64>(from, takeRight ? j++ : i++));
      }
    }
    const other = from;
    from = to;
    to = other;
  }
  if (from != out) memory.copy(out, from, bytes<i64>(rows));
}

/** The number of the run that each element is in, written where `order` says (in place where it is 0). @kernel b8 */
export function run_numbers<T>(out: usize, firsts: usize, order: usize, n: i32): void {
  let run: i64 = -1;
  for (let i = 0; i < n; i++) {
    run += <i64>at<u8>(firsts, i);
    put<i64>(out, order ? <i32>at<i64>(order, i) : i, run);
  }
}

/** How long each run is. @kernel b8 */
export function run_lengths<T>(out: usize, firsts: usize, n: i32): void {
  out -= 8;
  for (let i = 0; i < n; i++) {
    if (at<u8>(firsts, i)) {
      out += 8;
      store<i64>(out, 0);
    }
    store<i64>(out, load<i64>(out) + 1);
  }
}

/** The indices of the first `limit` true elements; `desc` has the shape. @kernel b8 */
export function true_places<T>(out: usize, a: usize, desc: usize, n: i32, limit: i32): void {
  const ndim = load<i32>(desc);
  for (let i = 0; i < n && limit > 0; i++) {
    if (!at<u8>(a, i)) continue;
    let rest = i;
    for (let d = ndim - 1; d >= 0; d--) {
      const size = load<i32>(desc + 4 + 4 * d);
      put<i64>(out, d, rest % size);
      rest /= size;
    }
    out += bytes<i64>(ndim);
    limit--;
  }
}

/** One more than the largest of n int64; -1 where one is negative, -2 where it is too large. @kernel i64 */
export function bincount_size<T>(a: usize, n: i32): i32 {
  let size: i64 = 0;
  for (let i = 0; i < n; i++) {
    const x = at<i64>(a, i);
    if (x < 0) return -1;
    size = max<i64>(size, x);
  }
  return size >= <i64>i32.MAX_VALUE ? -2 : <i32>size + 1;
}

/** Adds 1, or a weight, to the element that each of n int64 names. @kernel f64 f32 i64 */
export function bincount<T>(out: usize, a: usize, weights: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const k = <i32>at<i64>(a, i);
    put<T>(out, k, at<T>(out, k) + (weights ? at<T>(weights, i) : <T>1));
  }
}

/** Whether x is a number that is not infinite. */
@inline function finite<T>(x: T): bool {
  return x - x == <T>0;
}

/**
 * The ends of the bins at `range`: the given ones or the least and the largest element, moved apart by `margin` where
 * they are equal. 1 where they are not finite.
 */
function rangeOf<T>(range: usize, a: usize, n: i32, low: T, high: T, given: bool, margin: T): i32 {
  if (!given && n > 0) {
    low = high = load<T>(a);
    for (let i = 0; i < n; i++) {
      const x = at<T>(a, i);
      if (x != x) low = high = x;
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  if (low == high && finite<T>(low)) {
    low -= margin;
    high += margin;
  }
  put<T>(range, 0, low);
  put<T>(range, 1, high);
  return <i32>!(finite<T>(low) && finite<T>(high));
}

/** Counts the elements in bins of one width. `range` is room for its two ends. @kernel float */
export function histc<T>(out: usize, a: usize, range: usize, n: i32, bins: i32, min: f64, max: f64): i32 {
  if (rangeOf<T>(range, a, n, <T>min, <T>max, min != max, <T>1)) return 1;
  const low = load<T>(range), high = at<T>(range, 1);
  memory.fill(out, 0, bytes<T>(bins));
  for (let i = 0; i < n; i++) {
    const x = at<T>(a, i);
    if (!(x >= low && x <= high)) continue;
    const place = <i32>((x - low) * <T>bins / (high - low));
    const k = place >= bins ? bins - 1 : place;
    put<T>(out, k, at<T>(out, k) + <T>1);
  }
  return 0;
}

/** The edges of bins of one width, as `linspace` has them. `range` is room for the ends. @kernel float */
export function histogram_edges<T>(
  edges: usize, a: usize, range: usize, n: i32, bins: i32, min: f64, max: f64, given: i32,
): i32 {
  if (rangeOf<T>(range, a, n, <T>min, <T>max, given != 0, <T>0.5)) return 1;
  const low = load<T>(range), high = at<T>(range, 1), step = (high - low) / <T>bins;
  for (let i = 0; i <= bins; i++) {
    put<T>(edges, i, i < (bins + 1) / 2 ? low + step * <T>i : high - step * <T>(bins - i));
  }
  return 0;
}

/** Adds 1, or a weight, to the bin of each element; as a density where that is wanted. @kernel float */
export function histogram<T>(
  out: usize, a: usize, edges: usize, weights: usize, n: i32, bins: i32, density: i32,
): void {
  const low = load<T>(edges), high = at<T>(edges, bins);
  memory.fill(out, 0, bytes<T>(bins));
  for (let i = 0; i < n; i++) {
    const x = at<T>(a, i);
    if (!(x >= low && x <= high)) continue;
    let first = 0, last = bins + 1;
    while (first < last) {
      const middle = first + (last - first) / 2;
      if (at<T>(edges, middle) > x) last = middle;
      else first = middle + 1;
    }
    const k = min<i32>(first - 1, bins - 1);
    if (k >= 0) put<T>(out, k, at<T>(out, k) + (weights ? at<T>(weights, i) : <T>1));
  }
  if (!density) return;
  let sum: f64 = 0;
  for (let k = 0; k < bins; k++) sum += <f64>at<T>(out, k);
  for (let k = 0; k < bins; k++) {
    put<T>(out, k, at<T>(out, k) / <T>sum / (at<T>(edges, k + 1) - at<T>(edges, k)));
  }
}
