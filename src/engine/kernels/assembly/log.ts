// Logarithms on vectors, by fdlibm's reduction (Sun Microsystems, 1993): x = 2^k (1 + f) with
// √½ <= 1 + f < √2, s = f / (2 + f), log(1 + f) = f - f²/2 + s (f²/2 + R(s²)).
import { num, either, bits, multiplyAdd, addBits, subBits } from './vector';

/** R by Horner's rule. */
@inline function series<T>(z: v128): v128 {
  if (sizeof<T>() == 4) {
    let r = multiplyAdd<f32>(num<f32>(0.24279078841), z, num<f32>(0.28498786688));
    r = multiplyAdd<f32>(r, z, num<f32>(0.40000972152));
    return v128.mul<f32>(multiplyAdd<f32>(r, z, num<f32>(0.66666662693)), z);
  }
  let r = multiplyAdd<f64>(num<f64>(1.479819860511658591e-01), z, num<f64>(1.531383769920937332e-01));
  r = multiplyAdd<f64>(r, z, num<f64>(1.818357216161805012e-01));
  r = multiplyAdd<f64>(r, z, num<f64>(2.222219843214978396e-01));
  r = multiplyAdd<f64>(r, z, num<f64>(2.857142874366239149e-01));
  r = multiplyAdd<f64>(r, z, num<f64>(3.999999999940941908e-01));
  return v128.mul<f64>(multiplyAdd<f64>(r, z, num<f64>(6.666666666666735130e-01)), z);
}

/** The biased exponent of the bits x as a number. */
@inline function exponentOf<T>(x: v128): v128 {
  if (sizeof<T>() == 4) return f32x4.convert_i32x4_s(i32x4.shr_u(x, 23));
  const tagged = v128.or(i64x2.shr_u(x, 52), i64x2.splat(0x4330000000000000));
  return f64x2.sub(tagged, f64x2.splat(4503599627370496.0));
}

/** log(x); -inf of 0, NaN of negative numbers. */
@inline export function logOf<T>(x: v128): v128 {
  const one = num<T>(1), zero = num<T>(0);
  // Subnormal numbers are scaled up first.
  const tiny = v128.lt<T>(x, either<T>(1.1754943508222875e-38, 2.2250738585072014e-308));
  const scaled = v128.bitselect(v128.mul<T>(x, either<T>(33554432, 18014398509481984)), x, tiny);
  const bias = v128.bitselect(either<T>(152, 1077), either<T>(127, 1023), tiny);
  const lowest = bits<T>(0x3f3504f3, 0x3fe6a09e667f3bcd);
  const shifted = addBits<T>(scaled, subBits<T>(bits<T>(0x3f800000, 0x3ff0000000000000), lowest));
  const k = v128.sub<T>(exponentOf<T>(shifted), bias);
  const mantissa = v128.and(shifted, bits<T>(0x007fffff, 0x000fffffffffffff));
  const f = v128.sub<T>(addBits<T>(mantissa, lowest), one);
  const s = v128.div<T>(f, v128.add<T>(f, num<T>(2))), r = series<T>(v128.mul<T>(s, s));
  const square = v128.mul<T>(v128.mul<T>(f, num<T>(0.5)), f);
  const low = v128.mul<T>(k, either<T>(9.0580006145e-06, 1.90821492927058770002e-10));
  const tail = v128.sub<T>(square, multiplyAdd<T>(s, v128.add<T>(square, r), low));
  const high = v128.mul<T>(k, either<T>(6.9313812256e-01, 6.93147180369123816490e-01));
  const y = v128.sub<T>(high, v128.sub<T>(tail, f));
  // What the bits of the argument cannot tell: infinities, zeros, negative numbers, NaN.
  const beyond = v128.bitselect(x, num<T>(NaN), v128.gt<T>(x, zero));
  const edge = v128.bitselect(num<T>(-Infinity), beyond, v128.eq<T>(x, zero));
  return v128.bitselect(y, edge, v128.and(v128.gt<T>(x, zero), v128.lt<T>(x, num<T>(Infinity))));
}

/** log(1 + x): the logarithm of the rounded sum, corrected by what rounding lost. */
@inline export function log1pOf<T>(x: v128): v128 {
  const one = num<T>(1), u = v128.add<T>(one, x);
  const lost = v128.div<T>(v128.sub<T>(x, v128.sub<T>(u, one)), u);
  const y = v128.add<T>(logOf<T>(u), v128.and(lost, v128.eq<T>(lost, lost)));
  return v128.bitselect(x, y, v128.eq<T>(u, one));
}

/** @map1 float */
export class Log<T> { @inline v(x: v128): v128 { return logOf<T>(x); } }

/** @map1 float */
export class Log1p<T> { @inline v(x: v128): v128 { return log1pOf<T>(x); } }
