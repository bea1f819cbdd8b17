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
