// Elementwise arithmetic that few use.
import { lanewise2 } from './lanewise';
import { put, at } from './element';

/** a + value b c. @map3p1 number */
export class Addcmul<T> {
  @inline v(a: v128, b: v128, c: v128, value: v128): v128 {
    return v128.add<T>(a, v128.mul<T>(v128.mul<T>(value, b), c));
  }
}

/** a + value b / c. @map3p1 float */
export class Addcdiv<T> {
  @inline v(a: v128, b: v128, c: v128, value: v128): v128 {
    return v128.add<T>(a, v128.div<T>(v128.mul<T>(value, b), c));
  }
}

/** NaN loses. @map2 float */
export class Fmax<T> {
  @inline v(a: v128, b: v128): v128 {
    return v128.bitselect(a, v128.bitselect(b, v128.max<T>(a, b), v128.ne<T>(a, a)), v128.ne<T>(b, b));
  }
}

/** NaN loses. @map2 float */
export class Fmin<T> {
  @inline v(a: v128, b: v128): v128 {
    return v128.bitselect(a, v128.bitselect(b, v128.min<T>(a, b), v128.ne<T>(a, a)), v128.ne<T>(b, b));
  }
}

/** Other numbers for NaN and the infinities. @map1p3 float */
export class NanToNum<T> {
  @inline v(x: v128, nan: v128, posinf: v128, neginf: v128): v128 {
    const high = v128.eq<T>(x, v128.splat<T>(<T>Infinity)), low = v128.eq<T>(x, v128.splat<T>(<T>-Infinity));
    const some = v128.bitselect(posinf, v128.bitselect(neginf, x, low), high);
    return v128.bitselect(some, nan, v128.eq<T>(x, x));
  }
}

/** pi below zero, else 0. @map1 float */
export class Angle<T> {
  @inline v(x: v128): v128 {
    const below = v128.and(v128.lt<T>(x, v128.splat<T>(<T>0)), v128.splat<T>(<T>Math.PI));
    return v128.bitselect(below, x, v128.eq<T>(x, x));
  }
}

/** x 2^k, rounded once. */
@inline function scaled(x: f64, k: f64): f64 {
  return Math.scalbn(x, <i32>max<f64>(min<f64>(k, 4096), -4096));
}

/** @called */
export function ldexp64(x: f64, y: f64): f64 {
  const k = Math.floor(y);
  if (y - y != 0) return x * Math.pow(2.0, y);
  return scaled(k == y ? x : x * Math.pow(2.0, y - k), k);
}

/** x 2^y. @each2 float */
export class Ldexp<T> { @inline s(x: T, y: T): T { return <T>ldexp64(<f64>x, <f64>y); } }

/** The next number of T from x towards y. @each2 float */
export class Nextafter<T> {
  @inline s(x: T, y: T): T {
    if (x != x || y != y) return x + y;
    if (x == y) return y;
    if (sizeof<T>() == 8) {
      if (x == <T>0) return <T>copysign<f64>(5e-324, <f64>y);
      const bits = reinterpret<u64>(<f64>x);
      return <T>reinterpret<f64>(bits + (x < y == x > <T>0 ? 1 : -1));
    }
    if (x == <T>0) return <T>copysign<f32>(1.401298464324817e-45, <f32>y);
    const bits = reinterpret<u32>(<f32>x);
    return <T>reinterpret<f32>(bits + (x < y == x > <T>0 ? 1 : -1));
  }
}

/** Mantissas in [1/2, 1) and exponents. @kernel float */
export function frexp<T>(mantissa: usize, exponent: usize, a: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const x = <f64>at<T>(a, i);
    if (x - x != 0 || x == 0) {
      put<T>(mantissa, i, <T>x);
      put<i32>(exponent, i, 0);
      continue;
    }
    const tiny = abs<f64>(x) < 2.2250738585072014e-308;
    const bits = reinterpret<u64>(tiny ? x * 18014398509481984.0 : x);
    put<i32>(exponent, i, <i32>((bits >> 52) & 0x7ff) - (tiny ? 1076 : 1022));
    put<T>(mantissa, i, <T>reinterpret<f64>((bits & 0x800fffffffffffff) | 0x3fe0000000000000));
  }
}

/** @called */
export function logAddExp(x: f64, y: f64): f64 {
  if (x == y) return x + 0.6931471805599453;
  const d = x - y;
  return d != d ? d : max<f64>(x, y) + Math.log1p(Math.exp(-abs<f64>(d)));
}

/** @called */
export function logAddExp2(x: f64, y: f64): f64 {
  if (x == y) return x + 1.0;
  const d = x - y;
  return d != d ? d : max<f64>(x, y) + Math.log1p(Math.pow(2.0, -abs<f64>(d))) * 1.4426950408889634;
}

/** log(exp(x) + exp(y)). @each2 float */
export class Logaddexp<T> { @inline s(x: T, y: T): T { return <T>logAddExp(<f64>x, <f64>y); } }

/** log2(2^x + 2^y). @each2 float */
export class Logaddexp2<T> { @inline s(x: T, y: T): T { return <T>logAddExp2(<f64>x, <f64>y); } }

/** x log(1 + y), 0 where x is 0 unless y is NaN. */
class Xlog1pyOf<T> {
  @inline s(x: T, y: T): T {
    if (y != y) return y;
    return x == <T>0 ? <T>0 : <T>(<f64>x * Math.log1p(<f64>y));
  }
}

/** @map2 float */
export class Xlog1py<T> { @inline v(x: v128, y: v128): v128 { return lanewise2<T, Xlog1pyOf<T>>(x, y); } }

/** @called */
export function entropy(x: f64): f64 {
  if (x > 0) return -x * Math.log(x);
  return x == 0 ? 0 : x < 0 ? -Infinity : x;
}

/** -x log(x). @each1 float */
export class Entr<T> { @inline s(x: T): T { return <T>entropy(<f64>x); } }

/** @called */
export function logitOf(x: f64, eps: f64): f64 {
  if (eps >= 0) x = x < eps ? eps : x > 1.0 - eps ? 1.0 - eps : x;
  const rest = 1.0 - x;
  if (x > 0.25 && x < 0.75) return Math.log1p((x + x - 1.0) / rest);
  return Math.log(x / rest);
}

class LogitOf<T> {
  @inline s(x: T, eps: T): T { return <T>logitOf(<f64>x, <f64>eps); }
}

/** log(x / (1 - x)), x brought into [eps, 1 - eps] where eps is not negative. @map1p1 float */
export class Logit<T> {
  @inline v(x: v128, eps: v128): v128 { return lanewise2<T, LogitOf<T>>(x, eps); }
}

/** 0 below zero, b at zero, 1 above. @each2 float int b8 */
export class Heaviside<T> {
  @inline s(a: T, b: T): T { return a == <T>0 ? b : a > <T>0 ? <T>1 : <T>0; }
}

/** Whether the sign is set, of zeros and NaN too. @test1 all */
export class Signbit<T> {
  @inline m(a: v128): v128 {
    if (sizeof<T>() == 8) return i64x2.shr_s(a, 63);
    return i32x4.shr_s(a, 31);
  }
  @inline s(a: T): u8 { return 0; }
}

/** @test1 all */
export class Isposinf<T> {
  @inline m(a: v128): v128 {
    return isFloat<T>() ? v128.eq<T>(a, v128.splat<T>(<T>Infinity)) : i32x4.splat(0);
  }
  @inline s(a: T): u8 { return 0; }
}

/** @test1 all */
export class Isneginf<T> {
  @inline m(a: v128): v128 {
    return isFloat<T>() ? v128.eq<T>(a, v128.splat<T>(<T>-Infinity)) : i32x4.splat(0);
  }
  @inline s(a: T): u8 { return 0; }
}
