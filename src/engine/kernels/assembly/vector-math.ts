// Elementary functions of a vector of float32 or float64.
import { lanewise } from './lanewise';
import { erf64 } from './erf';

class ExpOf<T> { @inline s(x: T): T { return <T>Math.exp(<f64>x); } }
class LogOf<T> { @inline s(x: T): T { return <T>Math.log(<f64>x); } }
class TanhOf<T> { @inline s(x: T): T { return <T>Math.tanh(<f64>x); } }
class Log1pOf<T> { @inline s(x: T): T { return <T>Math.log1p(<f64>x); } }
class Expm1Of<T> { @inline s(x: T): T { return <T>Math.expm1(<f64>x); } }
class ErfOf<T> { @inline s(x: T): T { return <T>erf64(<f64>x); } }

export function expOf<T>(x: v128): v128 { return lanewise<T, ExpOf<T>>(x); }
export function logOf<T>(x: v128): v128 { return lanewise<T, LogOf<T>>(x); }
export function tanhOf<T>(x: v128): v128 { return lanewise<T, TanhOf<T>>(x); }
export function log1pOf<T>(x: v128): v128 { return lanewise<T, Log1pOf<T>>(x); }
export function expm1Of<T>(x: v128): v128 { return lanewise<T, Expm1Of<T>>(x); }
export function erfOf<T>(x: v128): v128 { return lanewise<T, ErfOf<T>>(x); }

@inline export function sigmoidOf<T>(x: v128): v128 {
  const one = v128.splat<T>(<T>1);
  return v128.div<T>(one, v128.add<T>(one, expOf<T>(v128.neg<T>(x))));
}

/** @map1 float */
export class Exp<T> { @inline v(x: v128): v128 { return expOf<T>(x); } }

/** @map1 float */
export class Log<T> { @inline v(x: v128): v128 { return logOf<T>(x); } }

/** @map1 float */
export class Tanh<T> { @inline v(x: v128): v128 { return tanhOf<T>(x); } }

/** @map1 float */
export class Sigmoid<T> { @inline v(x: v128): v128 { return sigmoidOf<T>(x); } }
