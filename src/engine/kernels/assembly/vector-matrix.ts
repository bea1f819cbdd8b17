// out[N] = a[K] B[K, N].
import { at, put, bytes, lanes, loadPart, storePart } from './element';
import { multiplyAdd } from './vector';

/** Strides in elements: `as` of a, `brs` and `bcs` of B's rows and columns. */
export function rowTimesMatrix<T>(
  out: usize, a: usize, b: usize, N: i32, K: i32, as: i32, brs: i32, bcs: i32, pack: usize,
): void {
  if (bcs == 1 && N > 1) return combineRows<T>(out, a, b, N, K, bytes<T>(as), bytes<T>(brs));
  if (brs != 1 && K > 1) return dotStrided<T>(out, a, b, N, K, as, brs, bcs);
  if (as != 1) {
    for (let k = 0; k < K; k++) put<T>(pack, k, at<T>(a, k * as));
    a = pack;
  }
  for (let j = 0; j < N; j++, b += bytes<T>(bcs)) put<T>(out, j, dot<T>(a, b, K));
}

function dotStrided<T>(out: usize, a: usize, b: usize, N: i32, K: i32, as: i32, brs: i32, bcs: i32): void {
  for (let j = 0; j < N; j++, b += bytes<T>(bcs)) {
    let s: T = 0;
    for (let k = 0; k < K; k++) s += at<T>(a, k * as) * at<T>(b, k * brs);
    put<T>(out, j, s);
  }
}

function dot<T>(a: usize, b: usize, n: i32): T {
  const step = 4 * lanes<T>();
  let s: T = 0, i = 0;
  if (n >= step) {
    let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0;
    for (; i + step <= n; i += step, a += 64, b += 64) {
      s0 = multiplyAdd<T>(v128.load(a), v128.load(b), s0);
      s1 = multiplyAdd<T>(v128.load(a, 16), v128.load(b, 16), s1);
      s2 = multiplyAdd<T>(v128.load(a, 32), v128.load(b, 32), s2);
      s3 = multiplyAdd<T>(v128.load(a, 48), v128.load(b, 48), s3);
    }
    s = lanesSum<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)));
  }
  for (; i < n; i++, a += sizeof<T>(), b += sizeof<T>()) s += load<T>(a) * load<T>(b);
  return s;
}

@inline function lanesSum<T>(x: v128): T {
  const pair = v128.extract_lane<T>(x, 0) + v128.extract_lane<T>(x, 1);
  return sizeof<T>() == 8 ? pair : pair + (v128.extract_lane<T>(x, 2) + v128.extract_lane<T>(x, 3));
}

/** The rows of B weighted by a, four vectors of columns at a time. */
function combineRows<T>(out: usize, a: usize, b: usize, N: i32, K: i32, aStep: usize, bStep: usize): void {
  const zero = i64x2.splat(0), wide = 4 * lanes<T>();
  let j = 0;
  for (; j + wide <= N; j += wide, out += 64, b += 64) {
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    for (let k = 0, p = a, q = b; k < K; k++, p += aStep, q += bStep) {
      const x = v128.load_splat<T>(p);
      s0 = multiplyAdd<T>(x, v128.load(q), s0);
      s1 = multiplyAdd<T>(x, v128.load(q, 16), s1);
      s2 = multiplyAdd<T>(x, v128.load(q, 32), s2);
      s3 = multiplyAdd<T>(x, v128.load(q, 48), s3);
    }
    v128.store(out, s0);
    v128.store(out, s1, 16);
    v128.store(out, s2, 32);
    v128.store(out, s3, 48);
  }
  for (; j < N; j += lanes<T>(), out += 16, b += 16) {
    const part = N - j;
    let s = zero;
    if (part >= lanes<T>()) {
      for (let k = 0, p = a, q = b; k < K; k++, p += aStep, q += bStep) {
        s = multiplyAdd<T>(v128.load_splat<T>(p), v128.load(q), s);
      }
      v128.store(out, s);
    } else {
      for (let k = 0, p = a, q = b; k < K; k++, p += aStep, q += bStep) {
        s = multiplyAdd<T>(v128.load_splat<T>(p), loadPart<T>(q, part), s);
      }
      storePart<T>(out, part, s);
    }
  }
}
