// What the factorisations are made of: operations on rows of matrices in row-major order, pitches in elements.
import { at, put, bytes, lanes, loadPart, storePart } from './element';
import { gemm, pack_bytes } from './gemm';
import { multiplyAdd } from './vector';

/** Elements that gemm packs for products of at most these sizes. */
export function packSpace<T>(M: i32, N: i32, K: i32): i32 {
  return (pack_bytes<T>(max(M, 2), max(N, 2), K) >> <i32>alignof<T>()) + K + 16;
}

/** Rows of a product that are computed at once before they are subtracted. */
export const CHUNK = 64;

@inline export function negatedMultiplyAdd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<T>(a, b, c);
  return v128.sub<T>(c, v128.mul<T>(a, b));
}

@inline export function lanesTotal<T>(x: v128): T {
  const pair = v128.extract_lane<T>(x, 0) + v128.extract_lane<T>(x, 1);
  return sizeof<T>() == 8 ? pair : pair + (v128.extract_lane<T>(x, 2) + v128.extract_lane<T>(x, 3));
}

/** Σ x y. */
export function dotRows<T>(x: usize, y: usize, n: i32): T {
  const step = 4 * lanes<T>();
  let s: T = 0, i = 0;
  if (n >= lanes<T>()) {
    let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0;
    for (; i + step <= n; i += step, x += 64, y += 64) {
      s0 = multiplyAdd<T>(v128.load(x), v128.load(y), s0);
      s1 = multiplyAdd<T>(v128.load(x, 16), v128.load(y, 16), s1);
      s2 = multiplyAdd<T>(v128.load(x, 32), v128.load(y, 32), s2);
      s3 = multiplyAdd<T>(v128.load(x, 48), v128.load(y, 48), s3);
    }
    for (; i + lanes<T>() <= n; i += lanes<T>(), x += 16, y += 16) {
      s0 = multiplyAdd<T>(v128.load(x), v128.load(y), s0);
    }
    s = lanesTotal<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)));
  }
  for (; i < n; i++, x += sizeof<T>(), y += sizeof<T>()) s += load<T>(x) * load<T>(y);
  return s;
}

/** y += a x. */
export function addRow<T>(y: usize, x: usize, a: T, n: i32): void {
  const s = v128.splat<T>(a);
  let i = 0;
  for (; i + 2 * lanes<T>() <= n; i += 2 * lanes<T>(), x += 32, y += 32) {
    v128.store(y, multiplyAdd<T>(s, v128.load(x), v128.load(y)));
    v128.store(y, multiplyAdd<T>(s, v128.load(x, 16), v128.load(y, 16)), 16);
  }
  for (; i < n; i++, x += sizeof<T>(), y += sizeof<T>()) store<T>(y, load<T>(y) + a * load<T>(x));
}

/** x *= a. */
export function scaleRow<T>(x: usize, a: T, n: i32): void {
  const s = v128.splat<T>(a);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>(), x += 16) v128.store(x, v128.mul<T>(s, v128.load(x)));
  for (; i < n; i++, x += sizeof<T>()) store<T>(x, a * load<T>(x));
}

export function swapRows<T>(x: usize, y: usize, n: i32): void {
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>(), x += 16, y += 16) {
    const t = v128.load(x);
    v128.store(x, v128.load(y));
    v128.store(y, t);
  }
  for (; i < n; i++, x += sizeof<T>(), y += sizeof<T>()) {
    const t = load<T>(x);
    store<T>(x, load<T>(y));
    store<T>(y, t);
  }
}

/** y[N] -= Σ a[k] B[k, N] for k < K; a's elements lie `step` apart. */
export function subtractRows<T>(y: usize, a: usize, step: i32, b: usize, pitch: i32, K: i32, N: i32): void {
  const wide = 4 * lanes<T>(), aStep = bytes<T>(step), bStep = bytes<T>(pitch);
  let j = 0;
  for (; j + wide <= N; j += wide, y += 64, b += 64) {
    let s0 = v128.load(y), s1 = v128.load(y, 16), s2 = v128.load(y, 32), s3 = v128.load(y, 48);
    for (let k = 0, p = a, q = b; k < K; k++, p += aStep, q += bStep) {
      const x = v128.load_splat<T>(p);
      s0 = negatedMultiplyAdd<T>(x, v128.load(q), s0);
      s1 = negatedMultiplyAdd<T>(x, v128.load(q, 16), s1);
      s2 = negatedMultiplyAdd<T>(x, v128.load(q, 32), s2);
      s3 = negatedMultiplyAdd<T>(x, v128.load(q, 48), s3);
    }
    v128.store(y, s0);
    v128.store(y, s1, 16);
    v128.store(y, s2, 32);
    v128.store(y, s3, 48);
  }
  for (; j < N; j += lanes<T>(), y += 16, b += 16) {
    const part = N - j;
    if (part >= lanes<T>()) {
      let s = v128.load(y);
      for (let k = 0, p = a, q = b; k < K; k++, p += aStep, q += bStep) {
        s = negatedMultiplyAdd<T>(v128.load_splat<T>(p), v128.load(q), s);
      }
      v128.store(y, s);
    } else {
      let s = loadPart<T>(y, part);
      for (let k = 0, p = a, q = b; k < K; k++, p += aStep, q += bStep) {
        s = negatedMultiplyAdd<T>(v128.load_splat<T>(p), loadPart<T>(q, part), s);
      }
      storePart<T>(y, part, s);
    }
  }
}

/**
 * C[M, N] -= A[M, K] B[K, N] with any element strides of A and B; the rows of C lie `pitch` apart. `work` holds
 * CHUNK N elements and what gemm packs.
 */
export function subtractProduct<T>(
  c: usize, pitch: i32, a: usize, ars: i32, acs: i32, b: usize, brs: i32, bcs: i32, M: i32, N: i32, K: i32,
  work: usize,
): void {
  if (M <= 0 || N <= 0 || K <= 0) return;
  const pack = work + bytes<T>((CHUNK * N + 3) & -4);
  for (let i = 0; i < M; i += CHUNK, a += bytes<T>(CHUNK * ars), c += bytes<T>(CHUNK * pitch)) {
    const rows = min(CHUNK, M - i);
    gemm<T>(work, a, b, rows, N, K, ars, acs, brs, bcs, pack);
    for (let r = 0; r < rows; r++) subtractRow<T>(c + bytes<T>(r * pitch), work + bytes<T>(r * N), N);
  }
}

function subtractRow<T>(y: usize, x: usize, n: i32): void {
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>(), x += 16, y += 16) {
    v128.store(y, v128.sub<T>(v128.load(y), v128.load(x)));
  }
  for (; i < n; i++, x += sizeof<T>(), y += sizeof<T>()) store<T>(y, load<T>(y) - load<T>(x));
}

/** √Σ x², without overflow; elements lie `step` apart. */
export function norm2<T>(x: usize, n: i32, step: i32): f64 {
  let s: f64 = 0;
  for (let i = 0; i < n; i++) {
    const v = <f64>at<T>(x, i * step);
    s += v * v;
  }
  if (s > 1e-280 && s < 1e300) return sqrt<f64>(s);
  let most: f64 = 0;
  for (let i = 0; i < n; i++) most = max<f64>(most, abs<f64>(<f64>at<T>(x, i * step)));
  if (most == 0 || most == Infinity || most != most) return most;
  s = 0;
  for (let i = 0; i < n; i++) {
    const v = <f64>at<T>(x, i * step) / most;
    s += v * v;
  }
  return most * sqrt<f64>(s);
}

/** Aᵀ of a square matrix in its place. */
export function transposeSquareInPlace<T>(a: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const x = at<T>(a, i * n + j);
      put<T>(a, i * n + j, at<T>(a, j * n + i));
      put<T>(a, j * n + i, x);
    }
  }
}

/**
 * Plane rotations of neighbouring rows of Z[·, n] one after the other: rows i, i + 1 become c x + s y and c y - s x,
 * for i = first, first + 1, … or, `down`, from the last to the first. `turns` has `count` pairs (c, s) in the order of i.
 */
export function rotateRows<T>(z: usize, n: i32, turns: usize, first: i32, count: i32, down: bool): void {
  const wide = 4 * lanes<T>();
  let j = 0;
  for (; j + wide <= n; j += wide) {
    if (down) wideDown<T>(z + bytes<T>((first + count) * n + j), bytes<T>(n), turns, count);
    else wideUp<T>(z + bytes<T>(first * n + j), bytes<T>(n), turns, count);
  }
  for (; j < n; j++) {
    if (down) narrowDown<T>(z + bytes<T>((first + count) * n + j), bytes<T>(n), turns, count);
    else narrowUp<T>(z + bytes<T>(first * n + j), bytes<T>(n), turns, count);
  }
}

function wideUp<T>(p: usize, pitch: usize, turns: usize, count: i32): void {
  let x0 = v128.load(p), x1 = v128.load(p, 16), x2 = v128.load(p, 32), x3 = v128.load(p, 48);
  for (let i = 0; i < count; i++, p += pitch, turns += 16) {
    const c = v128.splat<T>(<T>load<f64>(turns)), s = v128.splat<T>(<T>load<f64>(turns, 8)), q = p + pitch;
    const y0 = v128.load(q), y1 = v128.load(q, 16), y2 = v128.load(q, 32), y3 = v128.load(q, 48);
    v128.store(p, multiplyAdd<T>(c, x0, v128.mul<T>(s, y0)));
    v128.store(p, multiplyAdd<T>(c, x1, v128.mul<T>(s, y1)), 16);
    v128.store(p, multiplyAdd<T>(c, x2, v128.mul<T>(s, y2)), 32);
    v128.store(p, multiplyAdd<T>(c, x3, v128.mul<T>(s, y3)), 48);
    x0 = negatedMultiplyAdd<T>(s, x0, v128.mul<T>(c, y0));
    x1 = negatedMultiplyAdd<T>(s, x1, v128.mul<T>(c, y1));
    x2 = negatedMultiplyAdd<T>(s, x2, v128.mul<T>(c, y2));
    x3 = negatedMultiplyAdd<T>(s, x3, v128.mul<T>(c, y3));
  }
  v128.store(p, x0);
  v128.store(p, x1, 16);
  v128.store(p, x2, 32);
  v128.store(p, x3, 48);
}

function wideDown<T>(q: usize, pitch: usize, turns: usize, count: i32): void {
  let y0 = v128.load(q), y1 = v128.load(q, 16), y2 = v128.load(q, 32), y3 = v128.load(q, 48);
  for (let t = turns + 16 * (count - 1); count > 0; count--, q -= pitch, t -= 16) {
    const c = v128.splat<T>(<T>load<f64>(t)), s = v128.splat<T>(<T>load<f64>(t, 8)), p = q - pitch;
    const x0 = v128.load(p), x1 = v128.load(p, 16), x2 = v128.load(p, 32), x3 = v128.load(p, 48);
    v128.store(q, negatedMultiplyAdd<T>(s, x0, v128.mul<T>(c, y0)));
    v128.store(q, negatedMultiplyAdd<T>(s, x1, v128.mul<T>(c, y1)), 16);
    v128.store(q, negatedMultiplyAdd<T>(s, x2, v128.mul<T>(c, y2)), 32);
    v128.store(q, negatedMultiplyAdd<T>(s, x3, v128.mul<T>(c, y3)), 48);
    y0 = multiplyAdd<T>(c, x0, v128.mul<T>(s, y0));
    y1 = multiplyAdd<T>(c, x1, v128.mul<T>(s, y1));
    y2 = multiplyAdd<T>(c, x2, v128.mul<T>(s, y2));
    y3 = multiplyAdd<T>(c, x3, v128.mul<T>(s, y3));
  }
  v128.store(q, y0);
  v128.store(q, y1, 16);
  v128.store(q, y2, 32);
  v128.store(q, y3, 48);
}

function narrowUp<T>(p: usize, pitch: usize, turns: usize, count: i32): void {
  let x = load<T>(p);
  for (let i = 0; i < count; i++, p += pitch, turns += 16) {
    const c = <T>load<f64>(turns), s = <T>load<f64>(turns, 8), y = load<T>(p + pitch);
    store<T>(p, c * x + s * y);
    x = c * y - s * x;
  }
  store<T>(p, x);
}

function narrowDown<T>(q: usize, pitch: usize, turns: usize, count: i32): void {
  let y = load<T>(q);
  for (let t = turns + 16 * (count - 1); count > 0; count--, q -= pitch, t -= 16) {
    const c = <T>load<f64>(t), s = <T>load<f64>(t, 8), x = load<T>(q - pitch);
    store<T>(q, c * y - s * x);
    y = c * x + s * y;
  }
  store<T>(q, y);
}

/** 0 where all n elements are finite, else 1. @kernel float */
export function all_finite<T>(a: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) if (!isFinite<T>(at<T>(a, i))) return 1;
  return 0;
}
