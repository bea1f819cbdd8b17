import { binder, native } from '../runtime/args.ts';
import { OverflowError, raise, typeError, valueError } from '../runtime/exceptions.ts';
import { Builtin, PyModule } from '../runtime/function.ts';
import { bitLength, machine } from '../runtime/machine.ts';
import { bounded } from '../runtime/numbers.ts';
import { nameOfType, type Py, PyObject } from '../runtime/object.ts';
import { binary, call, findAttribute, itemsOf } from '../runtime/operations.ts';
import { intArgument, PyTuple } from '../runtime/sequences.ts';
import { floatArgument, floatToInt } from '../types/numbers.ts';
import { erf, erfc, gamma, logGamma } from './special.ts';

/** Functions of `math` from a float to a float. */
export const floatFunctions = {
  sqrt: Math.sqrt,
  exp: Math.exp,
  expm1: Math.expm1,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  cbrt: Math.cbrt,
  fabs: Math.abs,
  // As CPython rounds: the factor first.
  radians: (x: number) => x * (Math.PI / 180),
  degrees: (x: number) => x * (180 / Math.PI),
};

export const mathConstants = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
  ['tau', 2 * Math.PI],
  ['inf', Number.POSITIVE_INFINITY],
  ['nan', Number.NaN],
]);

const members = new Map<string, Py>(mathConstants);

const add = (builtin: Builtin): void => {
  members.set(builtin.name, builtin);
};

/** CPython's complaints: NaN of numbers is a domain error, infinity of finite numbers a range error. */
function checked(result: number, inputs: readonly number[], pole = false): number {
  if (Number.isNaN(result) && !inputs.some(Number.isNaN)) throw valueError('math domain error');
  if (!Number.isFinite(result) && !Number.isNaN(result) && inputs.every(Number.isFinite)) {
    throw pole ? valueError('math domain error') : raise(OverflowError, 'math range error');
  }
  return result;
}

const { log2: _log2, log10: _log10, ...plain } = floatFunctions;
const unary: Readonly<Record<string, (x: number) => number>> = {
  ...plain,
  exp2: (x) => 2 ** x,
  erf,
  erfc,
};
/** Functions whose infinity is a domain error. */
const poles = new Set(['log1p', 'atanh']);

for (const [name, run] of Object.entries(unary)) {
  add(
    native(`math.${name}(x, /)`, (value) => {
      const x = floatArgument(value);
      return checked(run(x), [x], poles.has(name));
    }),
  );
}

/** `log(x)` of an int may be larger than any float. */
function logOf(value: Py, log: (x: number) => number, unit: number): number {
  if (typeof value === 'bigint') {
    if (value <= 0n) throw valueError('math domain error');
    const bits = bitLength(value);
    if (bits <= 1020) return log(Number(value));
    const shift = bits - 60;
    return log(Number(value >> BigInt(shift))) + shift * unit;
  }
  const x = floatArgument(value);
  if (x <= 0) throw valueError('math domain error');
  return log(x);
}

add(
  new Builtin('log', (args, keywords) => {
    if (keywords !== null) throw typeError('math.log() takes no keyword arguments');
    if (args.length === 0) throw typeError('log expected at least 1 argument, got 0');
    if (args.length > 2) throw typeError(`log expected at most 2 arguments, got ${args.length}`);
    const x = logOf(args[0] as Py, Math.log, Math.LN2);
    if (args[1] === undefined) return x;
    return binary('/', x, logOf(args[1], Math.log, Math.LN2));
  }),
);
add(native('math.log2(x, /)', (x) => logOf(x, Math.log2, 1)));
add(native('math.log10(x, /)', (x) => logOf(x, Math.log10, Math.log10(2))));

const two = (name: string, run: (x: number, y: number) => number): void =>
  add(native(`math.${name}(x, y, /)`, (a, b) => run(floatArgument(a), floatArgument(b))));

two('pow', (x, y) => {
  if (x === 1 || y === 0) return 1;
  if (x === -1 && !Number.isFinite(y) && !Number.isNaN(y)) return 1;
  if (x === 0 && y < 0 && Number.isFinite(y)) throw valueError('math domain error');
  return checked(x ** y, [x, y]);
});
two('atan2', Math.atan2);
two('fmod', (x, y) =>
  Number.isFinite(x) && !Number.isFinite(y) && !Number.isNaN(y) ? x : checked(x % y, [x, y]),
);
two('copysign', (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)));
two('remainder', (x, y) => {
  if (Number.isFinite(x) && !Number.isFinite(y) && !Number.isNaN(y)) return x;
  if (!Number.isFinite(x) || y === 0) return checked(Number.NaN, [x, y]);
  const [a, b] = [Math.abs(x), Math.abs(y)];
  const m = a % b;
  const c = b - m;
  let r = m < c ? m : m > c ? -c : m - 2 * (((a - m) * 0.5) % b);
  if (x < 0 || Object.is(x, -0)) r = -r;
  return r;
});
two('nextafter', nextAfter);

function nextAfter(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === y) return y;
  if (x === 0) return y > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (y > x === x > 0 ? 1n : -1n));
  return view.getFloat64(0);
}
add(
  native('math.ulp(x, /)', (value) => {
    const x = Math.abs(floatArgument(value));
    if (!Number.isFinite(x)) return x;
    const next = nextAfter(x, Number.POSITIVE_INFINITY);
    return Number.isFinite(next) ? next - x : x - nextAfter(x, 0);
  }),
);

/** The length of a vector, without overflow on the way and with the rounding errors added up. */
function norm(values: readonly number[]): number {
  if (values.some((value) => !Number.isFinite(value) && !Number.isNaN(value)))
    return Number.POSITIVE_INFINITY;
  if (values.some(Number.isNaN)) return Number.NaN;
  const largest = Math.max(0, ...values.map(Math.abs));
  if (largest === 0) return 0;
  const scale = 2 ** -Math.floor(Math.log2(largest));
  const unit = Number.isFinite(scale) && scale > 0 ? scale : 1;
  let sum = 0;
  let rest = 0;
  const put = (term: number): void => {
    const next = sum + term;
    rest += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  };
  for (const value of values) {
    const x = value * unit;
    const [high, low] = square(x);
    put(high);
    rest += low;
  }
  const root = Math.sqrt(sum + rest);
  const [high, low] = square(root);
  const difference = sum - high - low + rest;
  return (root + difference / (2 * root)) / unit;
}

/** `x * x` with what rounding took away. */
function square(x: number): [number, number] {
  const product = x * x;
  const split = x * 134217729;
  const high = split - (split - x);
  const low = x - high;
  return [product, high * high - product + 2 * high * low + low * low];
}

const bindHypot = binder('math.hypot(*coordinates)');
add(
  new Builtin('hypot', (args, keywords) => {
    const [values] = bindHypot(args, keywords) as unknown as [Py[]];
    return checked(norm(values.map(floatArgument)), values.map(floatArgument));
  }),
);
add(
  native('math.dist(p, q, /)', (p, q) => {
    const [a, b] = [itemsOf(p).map(floatArgument), itemsOf(q).map(floatArgument)];
    if (a.length !== b.length) throw valueError('both points must have the same number of dimensions');
    return norm(a.map((value, i) => value - (b[i] as number)));
  }),
);

for (const [name, run] of [
  ['floor', Math.floor],
  ['ceil', Math.ceil],
  ['trunc', Math.trunc],
] as const) {
  add(
    native(`math.${name}(x, /)`, (value) => {
      if (typeof value === 'number') return floatToInt(run(value));
      if (typeof value === 'bigint' || typeof value === 'boolean') return BigInt(value);
      const own = value instanceof PyObject ? findAttribute(value, `__${name}__`) : undefined;
      if (own !== undefined) return call(own, [], null);
      if (name === 'trunc') throw typeError(`type ${nameOfType(value)} doesn't define __trunc__ method`);
      return floatToInt(run(floatArgument(value)));
    }),
  );
}

add(native('math.isnan(x, /)', (x) => Number.isNaN(floatArgument(x))));
add(native('math.isinf(x, /)', (x) => Math.abs(floatArgument(x)) === Number.POSITIVE_INFINITY));
add(native('math.isfinite(x, /)', (x) => Number.isFinite(floatArgument(x))));
add(
  native('math.isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)', (a, b, relative, absolute) => {
    const [x, y] = [floatArgument(a), floatArgument(b)];
    const tolerance = floatArgument(relative);
    const least = floatArgument(absolute);
    if (tolerance < 0 || least < 0) throw valueError('tolerances must be non-negative');
    if (x === y) return true;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return false;
    const difference = Math.abs(x - y);
    return (
      difference <= Math.abs(tolerance * y) || difference <= Math.abs(tolerance * x) || difference <= least
    );
  }),
);

/** A non-negative int, in the words of `math.factorial` and its like. */
function natural(value: Py, message: string): bigint {
  const int = intArgument(value);
  if (int < 0n) throw valueError(message);
  return int;
}

add(
  native('math.factorial(n, /)', (value) => {
    const n = natural(value, 'factorial() not defined for negative values');
    let result = 1n;
    for (let i = 2n; i <= n; i++) {
      machine.spend(1 + (bitLength(result) >> 8));
      result = bounded(result * i);
    }
    return result;
  }),
);
add(
  native('math.comb(n, k, /)', (a, b) => {
    const n = natural(a, 'n must be a non-negative integer');
    let k = natural(b, 'k must be a non-negative integer');
    if (k > n) return 0n;
    if (k > n - k) k = n - k;
    let result = 1n;
    for (let i = 1n; i <= k; i++) {
      machine.spend(1 + (bitLength(result) >> 8));
      result = bounded((result * (n - k + i)) / i);
    }
    return result;
  }),
);
add(
  native('math.perm(n, k=None, /)', (a, b) => {
    const n = natural(a, 'n must be a non-negative integer');
    const k = b === null ? n : natural(b, 'k must be a non-negative integer');
    if (k > n) return 0n;
    let result = 1n;
    for (let i = n - k + 1n; i <= n; i++) {
      machine.spend(1 + (bitLength(result) >> 8));
      result = bounded(result * i);
    }
    return result;
  }),
);
add(
  native('math.isqrt(n, /)', (value) => {
    const n = natural(value, 'isqrt() argument must be nonnegative');
    if (n === 0n) return 0n;
    let x = 1n << BigInt((bitLength(n) + 1) >> 1);
    for (;;) {
      machine.spend(1 + (bitLength(n) >> 6));
      const next = (x + n / x) >> 1n;
      if (next >= x) return x;
      x = next;
    }
  }),
);

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) {
    machine.spend(1 + (bitLength(x) >> 6));
    [x, y] = [y, x % y];
  }
  return x;
}
const ints = binder('math.gcd(*integers)');
add(
  new Builtin('gcd', (args, keywords) => {
    const [values] = ints(args, keywords) as unknown as [Py[]];
    return values.map(intArgument).reduce(gcd, 0n);
  }),
);
add(
  new Builtin('lcm', (args, keywords) => {
    const [values] = ints(args, keywords) as unknown as [Py[]];
    return values.map(intArgument).reduce((a, b) => {
      if (a === 0n || b === 0n) return 0n;
      const product = bounded((a / gcd(a, b)) * b);
      return product < 0n ? -product : product;
    }, 1n);
  }),
);

/** Shewchuk's exact sum. */
function exactSum(values: readonly number[]): number {
  const special = values.filter((value) => !Number.isFinite(value));
  if (special.length > 0) {
    const sum = special.reduce((a, b) => a + b, 0);
    if (Number.isNaN(sum) && !special.some(Number.isNaN)) throw valueError('-inf + inf in fsum');
    return sum;
  }
  let partials: number[] = [];
  for (const value of values) {
    let x = value;
    const kept: number[] = [];
    for (let y of partials) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) kept.push(low);
      x = high;
    }
    if (!Number.isFinite(x)) throw raise(OverflowError, 'intermediate overflow in fsum');
    kept.push(x);
    partials = kept;
  }
  let high = partials.pop() ?? 0;
  let low = 0;
  while (partials.length > 0) {
    const x = high;
    const y = partials.pop() as number;
    high = x + y;
    low = y - (high - x);
    if (low !== 0) break;
  }
  const next = partials.at(-1);
  if (next !== undefined && low < 0 === next < 0 && low !== 0) {
    const doubled = low * 2;
    const x = high + doubled;
    if (doubled === x - high) high = x;
  }
  return high;
}
add(native('math.fsum(seq, /)', (values) => exactSum(itemsOf(values).map(floatArgument))));
add(
  native('math.prod(iterable, /, *, start=1)', (values, start) =>
    itemsOf(values).reduce((a, b) => binary('*', a, b), start),
  ),
);
add(
  native('math.sumprod(p, q, /)', (p, q) => {
    const [a, b] = [itemsOf(p), itemsOf(q)];
    if (a.length !== b.length) throw valueError('Inputs are not the same length');
    return a.reduce((sum, value, i) => binary('+', sum, binary('*', value, b[i] as Py)), 0n);
  }),
);

add(
  native('math.frexp(x, /)', (value) => {
    const x = floatArgument(value);
    if (x === 0 || !Number.isFinite(x)) return new PyTuple([x, 0n]);
    let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
    let mantissa = exponent < -1000 ? x * 2 ** 1000 * 2 ** (-exponent - 1000) : x * 2 ** -exponent;
    for (; Math.abs(mantissa) < 0.5; exponent--) mantissa *= 2;
    for (; Math.abs(mantissa) >= 1; exponent++) mantissa /= 2;
    return new PyTuple([mantissa, BigInt(exponent)]);
  }),
);
add(
  native('math.ldexp(x, i, /)', (value, power) => {
    const x = floatArgument(value);
    let exponent = Number(intArgument(power));
    if (x === 0 || !Number.isFinite(x)) return x;
    if (exponent > 5000) throw raise(OverflowError, 'math range error');
    exponent = Math.max(exponent, -5000);
    let result = x;
    for (; exponent !== 0; ) {
      const step = Math.max(-1000, Math.min(1000, exponent));
      result *= 2 ** step;
      exponent -= step;
    }
    return checked(result, [x]);
  }),
);
add(
  native('math.modf(x, /)', (value) => {
    const x = floatArgument(value);
    const negative = x < 0 || Object.is(x, -0);
    if (!Number.isFinite(x)) return new PyTuple([Number.isNaN(x) ? x : negative ? -0 : 0, x]);
    const whole = Math.trunc(x);
    const fraction = x - whole;
    return new PyTuple([fraction === 0 && negative ? -0 : fraction, whole]);
  }),
);

add(native('math.gamma(x, /)', (x) => gamma(floatArgument(x))));
add(native('math.lgamma(x, /)', (x) => logGamma(floatArgument(x))));

/** Python's `math`. */
export const mathModule = new PyModule('math', members);
