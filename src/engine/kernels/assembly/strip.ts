// A strip is what a reduction of [outer, n, inner] folds at once: with inner = 1 a whole row, its
// vectors along n; otherwise up to a vector's lanes of neighbouring columns, one vector per row. What
// is found for a column is kept in its lane, for a row in every lane, so that both are used alike.
//
// An op is a class without fields whose `v` takes a vector of the array (or of two) and constants.
import { bytes, lanes, loadPart, storePart, whole } from './element';
import { num } from './vector';

const BLOCK = 64;

/** The lanes below k. */
@inline function laneMask<T>(k: i32): v128 {
  if (sizeof<T>() == 8) return i64x2.gt_s(i64x2.splat(k), i64x2(0, 1));
  return i32x4.gt_s(i32x4.splat(k), i32x4(0, 1, 2, 3));
}

@inline function loadLanes<T>(p: usize, k: i32): v128 {
  return k >= lanes<T>() ? v128.load(p) : loadPart<T>(p, k);
}

@inline function storeLanes<T>(p: usize, k: i32, x: v128): void {
  if (k >= lanes<T>()) v128.store(p, x);
  else storePart<T>(p, k, x);
}

/** Columns in the strip that starts at column i. */
@inline export function stripWidth<T>(inner: i32, i: i32): i32 {
  return min(inner - i, lanes<T>());
}

/** Writes one lane, or those of the strip's columns. */
@inline export function storeStrip<T>(p: usize, inner: i32, k: i32, x: v128): void {
  storeLanes<T>(p, inner == 1 ? 1 : k, x);
}

@inline function fold<T>(a: v128): T {
  const pair = v128.extract_lane<T>(a, 0) + v128.extract_lane<T>(a, 1);
  return sizeof<T>() == 8 ? pair : pair + (v128.extract_lane<T>(a, 2) + v128.extract_lane<T>(a, 3));
}

/** Sums op(a, c) over `count` vectors: blocks, and between them what rounding loses is kept (Neumaier). */
@inline function blockSum<T, OP>(a: usize, step: usize, count: i32, k: i32, c: v128): v128 {
  const op = changetype<OP>(0);
  let s = num<T>(0), lost = s;
  while (count > 0) {
    let b = num<T>(0);
    const size = min(count, BLOCK);
    count -= size;
    for (let j = 0; j < size; j++, a += step) b = v128.add<T>(b, op.v(loadLanes<T>(a, k), c));
    const t = v128.add<T>(s, b), u = v128.sub<T>(t, s);
    const e = v128.add<T>(v128.sub<T>(s, v128.sub<T>(t, u)), v128.sub<T>(b, u));
    lost = v128.add<T>(lost, v128.and(e, v128.eq<T>(e, e)));
    s = t;
  }
  return v128.add<T>(s, lost);
}

/** Σ op(a, c). */
export function sumStrip<T, OP>(a: usize, n: i32, inner: i32, k: i32, c: v128): v128 {
  if (inner > 1) return blockSum<T, OP>(a, bytes<T>(inner), n, k, c);
  const op = changetype<OP>(0), body = whole<T>(n), rest = n - body;
  let s = blockSum<T, OP>(a, 16, body / lanes<T>(), lanes<T>(), c);
  if (rest) s = v128.add<T>(s, v128.and(op.v(loadPart<T>(a + bytes<T>(body), rest), c), laneMask<T>(rest)));
  return v128.splat<T>(fold<T>(s));
}

/** Σ op(a, b). */
export function sumStrip2<T, OP>(a: usize, b: usize, n: i32, inner: i32, k: i32): v128 {
  const op = changetype<OP>(0), step: usize = inner > 1 ? bytes<T>(inner) : 16;
  const body = inner > 1 ? n : n / lanes<T>(), rest = inner > 1 ? 0 : n - whole<T>(n);
  let s = num<T>(0), c = s;
  k = inner > 1 ? k : lanes<T>();
  for (let j = 0; j < body; j++, a += step, b += step) {
    // Kahan's sum: c is what the last addition lost.
    const y = v128.sub<T>(op.v(loadLanes<T>(a, k), loadLanes<T>(b, k)), c), t = v128.add<T>(s, y);
    const e = v128.sub<T>(v128.sub<T>(t, s), y);
    c = v128.and(e, v128.eq<T>(e, e));
    s = t;
  }
  if (inner > 1) return s;
  if (rest) s = v128.add<T>(s, op.v(loadPart<T>(a, rest), loadPart<T>(b, rest)));
  return v128.splat<T>(fold<T>(s));
}

/** out = op(a, c, d). */
export function mapStrip<T, OP>(out: usize, a: usize, n: i32, inner: i32, k: i32, c: v128, d: v128): void {
  const op = changetype<OP>(0), step: usize = inner > 1 ? bytes<T>(inner) : 16;
  const body = inner > 1 ? n : n / lanes<T>(), rest = inner > 1 ? 0 : n - whole<T>(n);
  k = inner > 1 ? k : lanes<T>();
  for (let j = 0; j < body; j++, a += step, out += step) {
    storeLanes<T>(out, k, op.v(loadLanes<T>(a, k), c, d));
  }
  if (rest) storePart<T>(out, rest, op.v(loadPart<T>(a, rest), c, d));
}

/** out = op(a, b, c). */
export function mapStrip2<T, OP>(out: usize, a: usize, b: usize, n: i32, inner: i32, k: i32, c: v128): void {
  const op = changetype<OP>(0), step: usize = inner > 1 ? bytes<T>(inner) : 16;
  const body = inner > 1 ? n : n / lanes<T>(), rest = inner > 1 ? 0 : n - whole<T>(n);
  k = inner > 1 ? k : lanes<T>();
  for (let j = 0; j < body; j++, a += step, b += step, out += step) {
    storeLanes<T>(out, k, op.v(loadLanes<T>(a, k), loadLanes<T>(b, k), c));
  }
  if (rest) storePart<T>(out, rest, op.v(loadPart<T>(a, rest), loadPart<T>(b, rest), c));
}

/** The largest element, -inf of none; NaN wins. */
export function maxStrip<T>(a: usize, n: i32, inner: i32, k: i32): v128 {
  let x = num<T>(-Infinity);
  if (inner > 1) {
    for (let j = 0; j < n; j++, a += bytes<T>(inner)) x = v128.max<T>(x, loadLanes<T>(a, k));
    return x;
  }
  let j = 0;
  for (; j + lanes<T>() <= n; j += lanes<T>(), a += 16) x = v128.max<T>(x, v128.load(a));
  let top = max<T>(v128.extract_lane<T>(x, 0), v128.extract_lane<T>(x, 1));
  if (sizeof<T>() == 4) top = max<T>(top, max<T>(v128.extract_lane<T>(x, 2), v128.extract_lane<T>(x, 3)));
  for (; j < n; j++, a += sizeof<T>()) top = max<T>(top, load<T>(a));
  return v128.splat<T>(top);
}
