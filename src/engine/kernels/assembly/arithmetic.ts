// Pointwise arithmetic that numbers of every dtype have, and what only floats have of it.
import { signBit } from './vector';

/** @map2 number */
export class Add<T> { @inline v(a: v128, b: v128): v128 { return v128.add<T>(a, b); } }

/** @map2 number */
export class Sub<T> { @inline v(a: v128, b: v128): v128 { return v128.sub<T>(a, b); } }

/** @map2 number */
export class Mul<T> { @inline v(a: v128, b: v128): v128 { return v128.mul<T>(a, b); } }

/** @map2 float */
export class Div<T> { @inline v(a: v128, b: v128): v128 { return v128.div<T>(a, b); } }

/** @map2 number */
export class Maximum<T> {
  @inline v(a: v128, b: v128): v128 {
    if (isInteger<T>()) return v128.bitselect(a, b, v128.gt<T>(a, b));
    return v128.max<T>(a, b);
  }
}

/** @map2 number */
export class Minimum<T> {
  @inline v(a: v128, b: v128): v128 {
    if (isInteger<T>()) return v128.bitselect(a, b, v128.lt<T>(a, b));
    return v128.min<T>(a, b);
  }
}

/** a + alpha b. @map2p1 number */
export class AddScaled<T> {
  @inline v(a: v128, b: v128, alpha: v128): v128 { return v128.add<T>(a, v128.mul<T>(alpha, b)); }
}

/** From lo to hi; hi where lo > hi; NaN stays. @map1p2 number */
export class Clamp<T> {
  @inline v(a: v128, lo: v128, hi: v128): v128 {
    if (isFloat<T>()) return v128.min<T>(v128.max<T>(a, lo), hi);
    const raised = v128.bitselect(a, lo, v128.gt<T>(a, lo));
    return v128.bitselect(raised, hi, v128.lt<T>(raised, hi));
  }
}

/** PyTorch's formula, exact at both ends. @map3 float */
export class Lerp<T> {
  @inline v(a: v128, b: v128, w: v128): v128 {
    const low = v128.lt<T>(v128.abs<T>(w), v128.splat<T>(<T>0.5)), d = v128.sub<T>(b, a);
    const fromA = v128.add<T>(a, v128.mul<T>(w, d));
    const fromB = v128.sub<T>(b, v128.mul<T>(d, v128.sub<T>(v128.splat<T>(<T>1), w)));
    return v128.bitselect(fromA, fromB, low);
  }
}

/** @map1 number */
export class Neg<T> {
  @inline v(a: v128): v128 { return isFloat<T>() ? v128.xor(a, signBit<T>()) : v128.neg<T>(a); }
}

/** @map1 number */
export class Abs<T> {
  @inline v(a: v128): v128 { return isFloat<T>() ? v128.andnot(a, signBit<T>()) : v128.abs<T>(a); }
}

/** -1, 0 or 1; 0 for NaN. @map1 number */
export class Sign<T> {
  @inline v(a: v128): v128 {
    const zero = v128.splat<T>(<T>0), one = v128.splat<T>(<T>1);
    const above = v128.and(v128.gt<T>(a, zero), one), below = v128.and(v128.lt<T>(a, zero), one);
    return v128.sub<T>(above, below);
  }
}

/** @map1 number */
export class Relu<T> {
  @inline v(a: v128): v128 {
    const zero = v128.splat<T>(<T>0);
    if (isInteger<T>()) return v128.and(a, v128.gt<T>(a, zero));
    return v128.max<T>(zero, a);
  }
}

/** @map1 float */
export class Floor<T> { @inline v(a: v128): v128 { return v128.floor<T>(a); } }

/** @map1 float */
export class Ceil<T> { @inline v(a: v128): v128 { return v128.ceil<T>(a); } }

/** Half to even. @map1 float */
export class Round<T> { @inline v(a: v128): v128 { return v128.nearest<T>(a); } }

/** @map1 float */
export class Trunc<T> { @inline v(a: v128): v128 { return v128.trunc<T>(a); } }

/** @map1 float */
export class Frac<T> { @inline v(a: v128): v128 { return v128.sub<T>(a, v128.trunc<T>(a)); } }

/** @map1 float */
export class Sqrt<T> { @inline v(a: v128): v128 { return v128.sqrt<T>(a); } }

/** @map1 float */
export class Rsqrt<T> {
  @inline v(a: v128): v128 { return v128.div<T>(v128.splat<T>(<T>1), v128.sqrt<T>(a)); }
}

/** @map1 float */
export class Reciprocal<T> {
  @inline v(a: v128): v128 { return v128.div<T>(v128.splat<T>(<T>1), a); }
}

/** @map2 float */
export class Copysign<T> {
  @inline v(a: v128, b: v128): v128 { return v128.bitselect(b, a, v128.splat<T>(<T>-0.0)); }
}
