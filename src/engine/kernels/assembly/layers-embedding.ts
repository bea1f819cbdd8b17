// Rows of tables: taken, shortened and added up. Indices are int64 and were checked.
import { at, bytes, put } from './element';

function rowNorm<T>(x: usize, n: i32, p: f64): f64 {
  let r: f64 = 0;
  for (let i = 0; i < n; i++) {
    const y = Math.abs(<f64>at<T>(x, i));
    if (p == Infinity) r = max<f64>(r, y);
    else r += p == 2 ? y * y : p == 1 ? y : Math.pow(y, p);
  }
  return p == 2 ? Math.sqrt(r) : p == 1 || p == Infinity ? r : Math.pow(r, 1 / p);
}

/** Scales the rows whose p-norm is above `longest`, as PyTorch's embedding_renorm_. @kernel float */
export function limit_rows<T>(x: usize, rows: i32, n: i32, p: f64, longest: f64): void {
  for (let r = 0; r < rows; r++, x += bytes<T>(n)) {
    const norm = rowNorm<T>(x, n, p);
    if (!(norm > longest)) continue;
    const scale = <T>(longest / (norm + 1e-7));
    for (let i = 0; i < n; i++) put<T>(x, i, at<T>(x, i) * scale);
  }
}

/**
 * out[idx[j]] += g[j], but for the index `padding`; divided by how often the index occurs where there is room for
 * counts.
 * @kernel float
 */
export function add_rows<T>(
  out: usize, g: usize, idx: usize, counts: usize, n: i32, rows: i32, width: i32, padding: i32,
): void {
  memory.fill(out, 0, bytes<T>(rows) * width);
  if (counts) {
    memory.fill(counts, 0, bytes<i64>(rows));
    for (let j = 0; j < n; j++) put<i64>(counts, <i32>at<i64>(idx, j), at<i64>(counts, <i32>at<i64>(idx, j)) + 1);
  }
  for (let j = 0; j < n; j++, g += bytes<T>(width)) {
    const row = <i32>at<i64>(idx, j), to = out + bytes<T>(row) * width;
    if (row == padding) continue;
    const scale: T = counts ? <T>(1 / <f64>at<i64>(counts, row)) : <T>1;
    for (let i = 0; i < width; i++) put<T>(to, i, at<T>(to, i) + at<T>(g, i) * scale);
  }
}

/** Says 1 where a class is negative, 2 where it is too large. @kernel i64 */
export function one_hot<T>(out: usize, classes: usize, n: i32, count: i32): i32 {
  for (let j = 0; j < n; j++) {
    if (at<T>(classes, j) < 0) return 1;
    if (at<T>(classes, j) >= <T>count) return 2;
  }
  memory.fill(out, 0, bytes<T>(n) * count);
  for (let j = 0; j < n; j++, out += bytes<T>(count)) put<T>(out, <i32>at<T>(classes, j), <T>1);
  return 0;
}

/** The bag of each index: 1 where the first does not begin at 0, 2 where the last begins beyond the end. @kernel i64 */
export function bags<T>(out: usize, offsets: usize, n: i32, starts: i32, count: i32): i32 {
  if (starts > 0 && at<T>(offsets, 0) != 0) return 1;
  if (starts > 0 && at<T>(offsets, starts - 1) > <T>n) return 2;
  memory.fill(out, 0, bytes<T>(n));
  for (let b = 0; b < count; b++) {
    const start = at<T>(offsets, b);
    if (start < <T>n) {
      const i = <i32>max<T>(start, 0);
      put<T>(out, i, at<T>(out, i) + 1);
    }
  }
  let bag: T = -1;
  for (let i = 0; i < n; i++) {
    bag += at<T>(out, i);
    put<T>(out, i, bag);
  }
  return 0;
}

/** For each bag and column the index of the row with the largest element, -1 for none. @kernel float */
export function bag_argmax<T>(
  out: usize, x: usize, idx: usize, bag: usize, n: i32, count: i32, width: i32, padding: i32,
): void {
  for (let i = 0; i < count * width; i++) put<i64>(out, i, -1);
  for (let j = 0; j < n; j++) {
    const index = <i32>at<i64>(idx, j), row = x + bytes<T>(index) * width;
    const best = out + bytes<i64>(<i32>at<i64>(bag, j)) * width;
    if (index == padding) continue;
    for (let i = 0; i < width; i++) {
      const before = <i32>at<i64>(best, i);
      if (before < 0 || at<T>(row, i) > at<T>(x + bytes<T>(before) * width, i)) put<i64>(best, i, index);
    }
  }
}

/** The pairs i < j of n, in order. @kernel i64 */
export function upper_pairs<T>(firsts: usize, seconds: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, firsts += sizeof<T>(), seconds += sizeof<T>()) {
      store<T>(firsts, <T>i);
      store<T>(seconds, <T>j);
    }
  }
}
