// Elementary functions without a vector form: float64 arithmetic for both dtypes, so that float32
// results are rounded once.

/** @each1 float */
export class Exp2<T> { @inline s(x: T): T { return <T>Math.pow(2.0, <f64>x); } }

/** @each1 float */
export class Log2<T> { @inline s(x: T): T { return <T>Math.log2(<f64>x); } }

/** @each1 float */
export class Log10<T> { @inline s(x: T): T { return <T>Math.log10(<f64>x); } }

/** @each1 float */
export class Asin<T> { @inline s(x: T): T { return <T>Math.asin(<f64>x); } }

/** @each1 float */
export class Acos<T> { @inline s(x: T): T { return <T>Math.acos(<f64>x); } }

/** @each1 float */
export class Atan<T> { @inline s(x: T): T { return <T>Math.atan(<f64>x); } }

/** @each1 float */
export class Sinh<T> { @inline s(x: T): T { return <T>Math.sinh(<f64>x); } }

/** @each1 float */
export class Cosh<T> { @inline s(x: T): T { return <T>Math.cosh(<f64>x); } }

/** @each1 float */
export class Asinh<T> { @inline s(x: T): T { return <T>Math.asinh(<f64>x); } }

/** @each1 float */
export class Acosh<T> { @inline s(x: T): T { return <T>Math.acosh(<f64>x); } }

/** @each1 float */
export class Atanh<T> { @inline s(x: T): T { return <T>Math.atanh(<f64>x); } }

/** @each2 float */
export class Atan2<T> { @inline s(y: T, x: T): T { return <T>Math.atan2(<f64>y, <f64>x); } }

/** @each2 float */
export class Hypot<T> { @inline s(x: T, y: T): T { return <T>Math.hypot(<f64>x, <f64>y); } }

/** Integers wrap; a negative exponent gives 0, but 1 and -1 keep their powers. @each2 number */
export class Pow<T> {
  @inline s(x: T, y: T): T {
    if (isFloat<T>()) return <T>Math.pow(<f64>x, <f64>y);
    return integerPower<T>(x, y);
  }
}

function integerPower<T>(x: T, y: T): T {
  if (y < 0) return x == 1 ? 1 : x == -1 ? ((y & 1) != 0 ? -1 : 1) : 0;
  let result: T = 1;
  for (; y != 0; y >>= 1) {
    if ((y & 1) != 0) result *= x;
    x *= x;
  }
  return result;
}
