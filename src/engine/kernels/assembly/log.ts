// Logarithms on vectors, by fdlibm's reduction (Sun Microsystems, 1993): x = 2^k (1 + f) with
// √½ <= 1 + f < √2, s = f / (2 + f), log(1 + f) = f - f²/2 + s (f²/2 + R(s²)).
import { entry, num, bits, multiplyAdd, polynomial, addBits, subBits } from './vector';

const R32 = memory.data<f32>([0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693]);
const R64 = memory.data<f64>([
  1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
  2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01,
]);

@inline function series<T>(z: v128): v128 {
  return v128.mul<T>(sizeof<T>() == 4 ? polynomial<f32>(R32, 3, z) : polynomial<f64>(R64, 6, z), z);
}

// ln 2 in two parts; the least normal number, a scale for those below it, and the exponents' biases.
const PARTS32 = memory.data<f32>([
  6.9313812256e-01, 9.0580006145e-06, 1.1754943508222875e-38, 33554432, 152, 127,
]);
const PARTS64 = memory.data<f64>([
  6.93147180369123816490e-01, 1.90821492927058770002e-10, 2.2250738585072014e-308, 18014398509481984,
  1077, 1023,
]);

@inline function part<T>(i: i32): v128 {
  return entry<T>(PARTS32, PARTS64, i);
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
  const tiny = v128.lt<T>(x, part<T>(2));
  const scaled = v128.bitselect(v128.mul<T>(x, part<T>(3)), x, tiny);
  const bias = v128.bitselect(part<T>(4), part<T>(5), tiny);
  const lowest = bits<T>(0x3f3504f3, 0x3fe6a09e667f3bcd);
  const shifted = addBits<T>(scaled, subBits<T>(bits<T>(0x3f800000, 0x3ff0000000000000), lowest));
  const k = v128.sub<T>(exponentOf<T>(shifted), bias);
  const mantissa = v128.and(shifted, bits<T>(0x007fffff, 0x000fffffffffffff));
  const f = v128.sub<T>(addBits<T>(mantissa, lowest), one);
  const s = v128.div<T>(f, v128.add<T>(f, num<T>(2))), r = series<T>(v128.mul<T>(s, s));
  const square = v128.mul<T>(v128.mul<T>(f, num<T>(0.5)), f);
  const low = v128.mul<T>(k, part<T>(1));
  const tail = v128.sub<T>(square, multiplyAdd<T>(s, v128.add<T>(square, r), low));
  const high = v128.mul<T>(k, part<T>(0));
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
