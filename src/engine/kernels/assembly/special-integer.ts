// What is particular to integers and bools.

/** @each2 int b8 */
export class Fmax<T> { @inline s(a: T, b: T): T { return a > b ? a : b; } }

/** @each2 int b8 */
export class Fmin<T> { @inline s(a: T, b: T): T { return a < b ? a : b; } }

@inline function magnitude<T>(x: T): T {
  return x < <T>0 ? <T>0 - x : x;
}

/** Euclid's algorithm. */
function divisor<T>(a: T, b: T): T {
  let x = magnitude<T>(a), y = magnitude<T>(b);
  while (y != <T>0) {
    const r: T = x % y;
    x = y;
    y = r;
  }
  return x;
}

/** Greatest common divisor. @each2 int */
export class Gcd<T> { @inline s(a: T, b: T): T { return magnitude<T>(divisor<T>(a, b)); } }

/** Least common multiple; it wraps. @each2 int */
export class Lcm<T> {
  @inline s(a: T, b: T): T {
    const g = divisor<T>(a, b);
    return g == <T>0 ? <T>0 : magnitude<T>((a / g) * b);
  }
}
