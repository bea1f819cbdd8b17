// One element of an array in linear memory.

@inline export function at<T>(base: usize, i: i32): T {
  return load<T>(base + (<usize>i << alignof<T>()));
}

@inline export function put<T>(base: usize, i: i32, x: T): void {
  store<T>(base + (<usize>i << alignof<T>()), x);
}

@inline export function bytes<T>(n: i32): usize {
  return <usize>n << alignof<T>();
}

/** Lanes of a vector of T. */
@inline export function lanes<T>(): i32 {
  return 16 >> alignof<T>();
}

/** Elements that fill whole vectors. */
@inline export function whole<T>(n: i32): i32 {
  return n & -lanes<T>();
}

/** The first k < lanes elements at p, zeros behind them; reads nothing beyond. */
@inline export function loadPart<T>(p: usize, k: i32): v128 {
  if (sizeof<T>() == 8) return v128.load64_zero(p);
  if (k == 1) return v128.load32_zero(p);
  const pair = v128.load64_zero(p);
  return k == 2 ? pair : v128.load32_lane(p, pair, 2, 8);
}

/** Writes the first k < lanes elements of x. */
@inline export function storePart<T>(p: usize, k: i32, x: v128): void {
  if (sizeof<T>() == 8) return v128.store64_lane(p, x, 0);
  if (k == 1) return v128.store32_lane(p, x, 0);
  v128.store64_lane(p, x, 0);
  if (k == 3) v128.store32_lane(p, x, 2, 8);
}

/** A float64 parameter in every lane. */
@inline export function splat<T>(x: f64): v128 {
  return v128.splat<T>(fromNumber<T>(x));
}

/** A float64 parameter as T; integers saturate, NaN becomes 0. */
@inline export function fromNumber<T>(x: f64): T {
  return <T>x;
}

/** Where a maximum begins; `highest` where a minimum does. */
@inline export function lowest<T>(): T {
  if (isFloat<T>()) return <T>-Infinity;
  if (sizeof<T>() == 8) return <T>i64.MIN_VALUE;
  if (sizeof<T>() == 4) return <T>i32.MIN_VALUE;
  return <T>0;
}

@inline export function highest<T>(): T {
  if (isFloat<T>()) return <T>Infinity;
  if (sizeof<T>() == 8) return <T>i64.MAX_VALUE;
  if (sizeof<T>() == 4) return <T>i32.MAX_VALUE;
  return <T>1;
}
