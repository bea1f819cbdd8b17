// Householder reflectors H = I - tau v vᵀ with v[0] = 1, as LAPACK has them, alone and in blocks.
import { at, put, bytes } from './element';
import { addRow, norm2, packSpace, subtractProduct, CHUNK } from './decomposition-rows';
import { gemm } from './gemm';

export const REFLECTORS = 32;
const TINY: f64 = 1e-270;
const UP: f64 = 1.0715086071862673e301; // 2^1000

/**
 * The reflector that makes x[1…] zero: v is left in place of x[1…], the remaining head in place of x[0]; returns tau.
 * Elements lie `step` apart.
 */
export function reflector<T>(x: usize, n: i32, step: i32): f64 {
  if (n <= 0) return 0;
  let tail = norm2<T>(x + bytes<T>(step), n - 1, step), head = <f64>load<T>(x), up: f64 = 1;
  if (tail == 0) return 0;
  if (max(tail, abs(head)) < TINY) {
    // Numbers without all their digits would make no reflector.
    up = UP;
    head *= up;
    let s: f64 = 0;
    for (let i = 1; i < n; i++) s += (<f64>at<T>(x, i * step) * up) * (<f64>at<T>(x, i * step) * up);
    tail = sqrt(s);
  }
  const length = hypotenuse(head, tail), beta = head > 0 || (head == 0 && 1 / head > 0) ? -length : length;
  const scale = up / (head - beta);
  if (isFinite(scale)) for (let i = 1; i < n; i++) put<T>(x, i * step, <T>(<f64>at<T>(x, i * step) * scale));
  else for (let i = 1; i < n; i++) put<T>(x, i * step, <T>(<f64>at<T>(x, i * step) * up / (head - beta)));
  store<T>(x, <T>(beta / up));
  return (beta - head) / beta;
}

/** √(a² + b²) without overflow. */
export function hypotenuse(a: f64, b: f64): f64 {
  const x = max(abs(a), abs(b)), y = min(abs(a), abs(b));
  if (x == 0 || x == Infinity || x != x) return x;
  const r = y / x;
  return x * sqrt(1 + r * r);
}

/**
 * Writes V[rows, count] of reflectors whose vectors begin one further each, ones on the diagonal and zeros above it, and
 * T of H1 H2 … = I - V T Vᵀ, an upper triangle [count, count]. v's elements lie `step` apart, its vectors `next`.
 */
export function blockReflector<T>(
  V: usize, Tri: usize, v: usize, step: i32, next: i32, tau: usize, rows: i32, count: i32,
): void {
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < count; k++) {
      put<T>(V, i * count + k, i > k ? at<T>(v, i * step + k * next) : i == k ? <T>1 : <T>0);
    }
  }
  for (let k = 0; k < count; k++) {
    const t = at<T>(tau, k), column = Tri + bytes<T>(k);
    // T[0…k, k] = -t T (Vᵀ v_k)
    for (let j = 0; j < count; j++) put<T>(column, j * count, <T>0);
    if (k > 0) {
      const row = Tri + bytes<T>(count * count);
      memory.fill(row, 0, bytes<T>(k));
      for (let i = k; i < rows; i++) addRow<T>(row, V + bytes<T>(i * count), at<T>(V, i * count + k), k);
      for (let j = 0; j < k; j++) {
        let s: T = 0;
        for (let l = j; l < k; l++) s += at<T>(Tri, j * count + l) * at<T>(row, l);
        put<T>(column, j * count, -t * s);
      }
    }
    put<T>(column, k * count, t);
  }
}

/** C[rows, cols] = (I - V T Vᵀ) C, or with Tᵀ; rows of C lie `pitch` apart. */
export function applyBlock<T>(
  c: usize, pitch: i32, V: usize, Tri: usize, rows: i32, count: i32, cols: i32, transposed: bool, work: usize,
): void {
  if (cols <= 0) return;
  const part = bytes<T>((count * cols + 3) & -4), w = work, tw = w + part, rest = tw + part;
  gemm<T>(w, V, c, count, cols, rows, 1, count, pitch, 1, rest);
  gemm<T>(tw, Tri, w, count, cols, count, transposed ? 1 : count, transposed ? count : 1, cols, 1, rest);
  subtractProduct<T>(c, pitch, V, count, 1, tw, cols, 1, rows, cols, count, rest);
}

/** Elements of scratch for block reflectors of matrices of this many rows and columns. @kernel float */
export function reflect_space<T>(rows: i32, cols: i32): i32 {
  const block = ((rows * REFLECTORS + 3) & -4) + REFLECTORS * (REFLECTORS + 1);
  const products = packSpace<T>(REFLECTORS, cols, rows) + packSpace<T>(CHUNK, cols, REFLECTORS);
  return block + 2 * ((REFLECTORS * cols + 3) & -4) + ((CHUNK * cols + 3) & -4) + products;
}

@inline export function triangleOf<T>(work: usize, rows: i32): usize {
  return work + bytes<T>((rows * REFLECTORS + 3) & -4);
}

@inline export function restOf<T>(work: usize, rows: i32): usize {
  return triangleOf<T>(work, rows) + bytes<T>(REFLECTORS * (REFLECTORS + 1));
}

/** One block of columns of A = Q R in place: R above, the vectors of the reflectors below the diagonal. @kernel float */
export function qr_block<T>(a: usize, tau: usize, m: i32, n: i32, from: i32, work: usize): void {
  const end = min(from + REFLECTORS, min(m, n)), count = end - from, rows = m - from;
  for (let j = from; j < end; j++) {
    const head = a + bytes<T>(j * n + j), t = <T>reflector<T>(head, m - j, n), width = end - j - 1;
    put<T>(tau, j, t);
    if (t == 0 || width == 0) continue;
    // w = vᵀ C, then C -= t v w
    const w = work;
    memory.copy(w, head + sizeof<T>(), bytes<T>(width));
    for (let i = 1; i < m - j; i++) {
      const row = head + bytes<T>(i * n);
      addRow<T>(w, row + sizeof<T>(), load<T>(row), width);
    }
    addRow<T>(head + sizeof<T>(), w, -t, width);
    for (let i = 1; i < m - j; i++) {
      const row = head + bytes<T>(i * n);
      addRow<T>(row + sizeof<T>(), w, -t * load<T>(row), width);
    }
  }
  if (n <= end) return;
  const Tri = triangleOf<T>(work, m);
  blockReflector<T>(work, Tri, a + bytes<T>(from * n + from), n, 1, tau + bytes<T>(from), rows, count);
  applyBlock<T>(a + bytes<T>(from * n + end), n, work, Tri, rows, count, n - end, true, restOf<T>(work, m));
}

/**
 * C[m, n] = H C with the reflectors from `from` on, REFLECTORS of them at most, or with their transpose. v's elements
 * lie `step` apart, its vectors `next`; vector k begins at row k + offset. @kernel float
 */
export function reflect_block<T>(
  c: usize, v: usize, step: i32, next: i32, tau: usize, m: i32, n: i32, total: i32, from: i32, offset: i32,
  transposed: i32, work: usize,
): void {
  const count = min(REFLECTORS, total - from), top = from + offset, rows = m - top, Tri = triangleOf<T>(work, m);
  if (rows <= 0) return;
  const start = v + bytes<T>(top * step + from * next);
  blockReflector<T>(work, Tri, start, step, next, tau + bytes<T>(from), rows, count);
  applyBlock<T>(
    c + bytes<T>(top * n), n, work, Tri, rows, count, n, transposed != 0, restOf<T>(work, m),
  );
}
