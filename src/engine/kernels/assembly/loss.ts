// Losses with a bend, element by element, by PyTorch's formulas.

import { num } from './vector';

@inline function halfSquare<T>(x: v128): v128 { return v128.mul<T>(v128.mul<T>(num<T>(0.5), x), x); }

/** d²/(2 beta) where d = |a - b| < beta, else d - beta/2. @map2p1 float */
export class SmoothL1<T> {
  @inline v(a: v128, b: v128, beta: v128): v128 {
    const d = v128.abs<T>(v128.sub<T>(a, b));
    const far = v128.sub<T>(d, v128.mul<T>(num<T>(0.5), beta));
    return v128.bitselect(v128.div<T>(halfSquare<T>(d), beta), far, v128.lt<T>(d, beta));
  }
}

/** d²/2 where d = |a - b| <= delta, else delta (d - delta/2). @map2p1 float */
export class Huber<T> {
  @inline v(a: v128, b: v128, delta: v128): v128 {
    const d = v128.abs<T>(v128.sub<T>(a, b));
    const far = v128.mul<T>(delta, v128.sub<T>(d, v128.mul<T>(num<T>(0.5), delta)));
    return v128.bitselect(halfSquare<T>(d), far, v128.le<T>(d, delta));
  }
}

/** `near` between -bend and bend, -far below, far above. */
@inline function bent<T>(d: v128, bend: v128, near: v128, far: v128): v128 {
  const upper = v128.bitselect(far, near, v128.ge<T>(d, bend));
  return v128.bitselect(v128.neg<T>(far), upper, v128.le<T>(d, v128.neg<T>(bend)));
}

/** @map3p1 float */
export class SmoothL1Backward<T> {
  @inline v(g: v128, a: v128, b: v128, beta: v128): v128 {
    const d = v128.sub<T>(a, b);
    return bent<T>(d, beta, v128.div<T>(v128.mul<T>(d, g), beta), g);
  }
}

/** @map3p1 float */
export class HuberBackward<T> {
  @inline v(g: v128, a: v128, b: v128, delta: v128): v128 {
    const d = v128.sub<T>(a, b);
    return bent<T>(d, delta, v128.mul<T>(d, g), v128.mul<T>(g, delta));
  }
}
