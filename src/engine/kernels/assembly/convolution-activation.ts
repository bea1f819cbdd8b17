// Activations in pieces, and their derivatives times g, by PyTorch's formulas.
import { num } from './vector';

/** value where x <= threshold. @map1p2 number */
export class Threshold<T> {
  @inline v(x: v128, threshold: v128, value: v128): v128 {
    return v128.bitselect(value, x, v128.le<T>(x, threshold));
  }
}

/** min(max(x + 3, 0), 6) / 6. */
@inline function ramp<T>(x: v128): v128 {
  const y = v128.add<T>(x, num<T>(3));
  return v128.min<T>(v128.max<T>(y, num<T>(0)), num<T>(6));
}

/** @map1 float */
export class Hardswish<T> {
  @inline v(x: v128): v128 { return v128.div<T>(v128.mul<T>(x, ramp<T>(x)), num<T>(6)); }
}

/** g (x / 3 + 1/2) between -3 and 3, 0 below, g above. @map2 float */
export class HardswishBackward<T> {
  @inline v(g: v128, x: v128): v128 {
    const slope = v128.add<T>(v128.div<T>(x, num<T>(3)), num<T>(0.5));
    const y = v128.bitselect(g, v128.mul<T>(g, slope), v128.ge<T>(x, num<T>(3)));
    return v128.andnot(y, v128.le<T>(x, num<T>(-3)));
  }
}

/** @map1 float */
export class Hardsigmoid<T> {
  @inline v(x: v128): v128 { return v128.div<T>(ramp<T>(x), num<T>(6)); }
}

/** g slope between -3 and 3, else 0. @map2p1 float */
export class HardsigmoidBackward<T> {
  @inline v(g: v128, x: v128, slope: v128): v128 {
    const inside = v128.and(v128.gt<T>(x, num<T>(-3)), v128.lt<T>(x, num<T>(3)));
    return v128.and(v128.mul<T>(g, slope), inside);
  }
}

/** x moved towards 0 by bound, 0 where it is not beyond. @map1p1 float */
export class Softshrink<T> {
  @inline v(x: v128, bound: v128): v128 {
    const low = v128.and(v128.add<T>(x, bound), v128.lt<T>(x, v128.neg<T>(bound)));
    const y = v128.bitselect(v128.sub<T>(x, bound), low, v128.gt<T>(x, bound));
    return v128.bitselect(y, x, v128.eq<T>(x, x));
  }
}

/** 0 from -bound to bound, else x. @map1p1 float */
export class Hardshrink<T> {
  @inline v(x: v128, bound: v128): v128 {
    return v128.andnot(x, v128.and(v128.ge<T>(x, v128.neg<T>(bound)), v128.le<T>(x, bound)));
  }
}

/** g where x is beyond -bound or bound, else 0. @map2p1 float */
export class ShrinkBackward<T> {
  @inline v(g: v128, x: v128, bound: v128): v128 {
    return v128.and(g, v128.or(v128.lt<T>(x, v128.neg<T>(bound)), v128.gt<T>(x, bound)));
  }
}

/** x where it is positive, else w x. @map2 float */
export class Prelu<T> {
  @inline v(x: v128, w: v128): v128 {
    return v128.bitselect(x, v128.mul<T>(w, x), v128.gt<T>(x, num<T>(0)));
  }
}

/** g where x is positive, else w g. @map3 float */
export class PreluBackward<T> {
  @inline v(g: v128, x: v128, w: v128): v128 {
    return v128.bitselect(g, v128.mul<T>(w, g), v128.gt<T>(x, num<T>(0)));
  }
}

/** 0 where x is positive, else x g. @map2 float */
export class PreluBackwardWeight<T> {
  @inline v(g: v128, x: v128): v128 { return v128.andnot(v128.mul<T>(x, g), v128.gt<T>(x, num<T>(0))); }
}
