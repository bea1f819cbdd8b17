// Quotients and remainders. Integers never trap: the loop keeps zero divisors away, and the one
// overflowing quotient, MIN / -1, wraps.

@inline function quotient<T>(a: T, b: T): T {
  return b == <T>-1 ? <T>0 - a : a / b;
}

/** C's fmod: the sign of the dividend. @divide2 number */
export class Fmod<T> { @inline s(a: T, b: T): T { return a % b; } }

/** Python's remainder: the sign of the divisor. @divide2 number */
export class Remainder<T> {
  @inline s(a: T, b: T): T {
    const r: T = a % b;
    return r != <T>0 && r < <T>0 != b < <T>0 ? r + b : r;
  }
}

/** @divide2 number */
export class DivTrunc<T> {
  @inline s(a: T, b: T): T {
    if (isInteger<T>()) return quotient<T>(a, b);
    return trunc<T>(a / b);
  }
}

/** @divide2 number */
export class DivFloor<T> {
  @inline s(a: T, b: T): T {
    if (isInteger<T>()) {
      const q = quotient<T>(a, b);
      return a < <T>0 != b < <T>0 && q * b != a ? q - <T>1 : q;
    }
    return floorQuotient<T>(a, b);
  }
}

/** CPython's float floor division, as PyTorch has it: exact where a / b would round up to an integer. */
@inline function floorQuotient<T>(a: T, b: T): T {
  if (b == <T>0) return a / b;
  const r: T = a % b;
  let q: T = (a - r) / b;
  if (r != <T>0 && b < <T>0 != r < <T>0) q -= <T>1;
  if (q == <T>0) return copysign<T>(<T>0, a / b);
  const f = floor<T>(q);
  return q - f > <T>0.5 ? f + <T>1 : f;
}
