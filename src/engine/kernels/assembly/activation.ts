// Activations and their derivatives times g, by PyTorch's formulas.
import { expOf, expm1Of, tanhOf, sigmoidOf } from './exp';
import { log1pOf } from './log';
import { erfOf } from './erf';
import { num } from './vector';

const SQRT_HALF: f64 = 0.70710678118654752440;
const INV_SQRT_2PI: f64 = 0.39894228040143267794;
const GELU_BETA: f64 = 0.79788456080286535588; // √(2/π)
const GELU_KAPPA: f64 = 0.044715;

/** @map1 float */
export class Silu<T> {
  @inline v(x: v128): v128 {
    return v128.div<T>(x, v128.add<T>(num<T>(1), expOf<T>(v128.neg<T>(x))));
  }
}

/** log(1 + exp(beta x)) / beta; x itself where beta x > threshold. @map1p2 float */
export class Softplus<T> {
  @inline v(x: v128, beta: v128, threshold: v128): v128 {
    const z = v128.mul<T>(x, beta), soft = v128.div<T>(log1pOf<T>(expOf<T>(z)), beta);
    return v128.bitselect(x, soft, v128.gt<T>(z, threshold));
  }
}

/** @map1 float */
export class Logsigmoid<T> {
  @inline v(x: v128): v128 {
    const z = expOf<T>(v128.neg<T>(v128.abs<T>(x)));
    return v128.sub<T>(v128.min<T>(num<T>(0), x), log1pOf<T>(z));
  }
}

/** Twice the normal distribution function. */
@inline function twiceNormalCdf<T>(x: v128): v128 {
  return v128.add<T>(num<T>(1), erfOf<T>(v128.mul<T>(x, num<T>(SQRT_HALF))));
}

/** @map1 float */
export class Gelu<T> {
  @inline v(x: v128): v128 { return v128.mul<T>(v128.mul<T>(x, num<T>(0.5)), twiceNormalCdf<T>(x)); }
}

@inline function geluInner<T>(x: v128): v128 {
  const cube = v128.mul<T>(v128.mul<T>(x, x), x);
  return v128.mul<T>(num<T>(GELU_BETA), v128.add<T>(x, v128.mul<T>(num<T>(GELU_KAPPA), cube)));
}

/** @map1 float */
export class GeluTanh<T> {
  @inline v(x: v128): v128 {
    return v128.mul<T>(v128.mul<T>(num<T>(0.5), x), v128.add<T>(num<T>(1), tanhOf<T>(geluInner<T>(x))));
  }
}

/** scale x above 0, scale alpha (exp(inputScale x) - 1) below. @map1p3 float */
export class Elu<T> {
  @inline v(x: v128, alpha: v128, scale: v128, inputScale: v128): v128 {
    const low = v128.mul<T>(expm1Of<T>(v128.mul<T>(x, inputScale)), v128.mul<T>(alpha, scale));
    return v128.bitselect(low, v128.mul<T>(x, scale), v128.lt<T>(x, num<T>(0)));
  }
}

/** @map1p1 float */
export class LeakyRelu<T> {
  @inline v(x: v128, slope: v128): v128 {
    return v128.bitselect(x, v128.mul<T>(x, slope), v128.gt<T>(x, num<T>(0)));
  }
}

/** g (1 - y²). @map2 float */
export class TanhBackward<T> {
  @inline v(g: v128, y: v128): v128 {
    return v128.mul<T>(g, v128.sub<T>(num<T>(1), v128.mul<T>(y, y)));
  }
}

/** g y (1 - y). @map2 float */
export class SigmoidBackward<T> {
  @inline v(g: v128, y: v128): v128 {
    return v128.mul<T>(v128.mul<T>(g, v128.sub<T>(num<T>(1), y)), y);
  }
}

/** g where x > threshold, else 0. @map2p1 float */
export class ThresholdBackward<T> {
  @inline v(g: v128, x: v128, threshold: v128): v128 { return v128.andnot(g, v128.le<T>(x, threshold)); }
}

/** @map2 float */
export class SiluBackward<T> {
  @inline v(g: v128, x: v128): v128 {
    const one = num<T>(1), s = sigmoidOf<T>(x);
    const slope = v128.add<T>(one, v128.mul<T>(x, v128.sub<T>(one, s)));
    return v128.mul<T>(v128.mul<T>(g, s), slope);
  }
}

/** @map2 float */
export class GeluBackward<T> {
  @inline v(g: v128, x: v128): v128 {
    const cdf = v128.mul<T>(num<T>(0.5), twiceNormalCdf<T>(x));
    const density = expOf<T>(v128.mul<T>(v128.mul<T>(x, x), num<T>(-0.5)));
    const pdf = v128.mul<T>(density, num<T>(INV_SQRT_2PI));
    return v128.mul<T>(g, v128.add<T>(cdf, v128.mul<T>(x, pdf)));
  }
}

/** @map2 float */
export class GeluTanhBackward<T> {
  @inline v(g: v128, x: v128): v128 {
    const one = num<T>(1), t = tanhOf<T>(geluInner<T>(x)), half = v128.mul<T>(num<T>(0.5), x);
    const left = v128.mul<T>(num<T>(0.5), v128.add<T>(one, t));
    const cubic = v128.mul<T>(num<T>(3 * GELU_KAPPA), v128.mul<T>(x, x));
    const inner = v128.mul<T>(num<T>(GELU_BETA), v128.add<T>(one, cubic));
    const right = v128.mul<T>(v128.mul<T>(half, v128.sub<T>(one, v128.mul<T>(t, t))), inner);
    return v128.mul<T>(g, v128.add<T>(left, right));
  }
}

/** @map2p2 float */
export class SoftplusBackward<T> {
  @inline v(g: v128, x: v128, beta: v128, threshold: v128): v128 {
    const scaled = v128.mul<T>(x, beta), z = expOf<T>(scaled);
    const soft = v128.div<T>(v128.mul<T>(g, z), v128.add<T>(z, num<T>(1)));
    return v128.bitselect(g, soft, v128.gt<T>(scaled, threshold));
  }
}

/** x is elu's result where isResult is not 0, its input otherwise. @map2p4 float */
export class EluBackward<T> {
  @inline v(g: v128, x: v128, alpha: v128, scale: v128, inputScale: v128, isResult: v128): v128 {
    const low = v128.mul<T>(alpha, scale), zero = num<T>(0);
    const ofInput = v128.mul<T>(low, expOf<T>(v128.mul<T>(x, inputScale)));
    const curve = v128.bitselect(v128.add<T>(x, low), ofInput, v128.ne<T>(isResult, zero));
    const below = v128.mul<T>(v128.mul<T>(g, inputScale), curve);
    return v128.bitselect(below, v128.mul<T>(g, scale), v128.le<T>(x, zero));
  }
}

/** @map2p1 float */
export class LeakyReluBackward<T> {
  @inline v(g: v128, x: v128, slope: v128): v128 {
    return v128.bitselect(g, v128.mul<T>(g, slope), v128.gt<T>(x, num<T>(0)));
  }
}

/** @map2 float */
export class LogsigmoidBackward<T> {
  @inline v(g: v128, x: v128): v128 {
    const one = num<T>(1), zero = num<T>(0), z = expOf<T>(v128.neg<T>(v128.abs<T>(x)));
    const negative = v128.lt<T>(x, zero), p = v128.div<T>(z, v128.add<T>(one, z));
    const slope = v128.bitselect(v128.sub<T>(one, p), p, negative);
    return v128.mul<T>(g, slope);
  }
}
