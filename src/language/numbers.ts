import { GraddError } from '../engine/index.ts';

/** Python's numbers: `bigint` int, `number` float, `boolean` bool. */
export type PyNumber = bigint | number | boolean;

export const isNumber = (value: unknown): value is PyNumber =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean';

/** Bits that an int may have. */
const MAX_BITS = 4096;

const fail = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

const toInt = (x: PyNumber): bigint => (typeof x === 'boolean' ? BigInt(x) : (x as bigint));
const isFloat = (x: PyNumber): x is number => typeof x === 'number';

export function toFloat(x: PyNumber): number {
  const value = Number(x);
  return typeof x === 'bigint' && !Number.isFinite(value) ? fail('int too large to convert to float') : value;
}

const bits = (x: bigint): number => (x < 0n ? -x : x).toString(16).length * 4;

function bounded(needed: number): void {
  if (needed <= MAX_BITS) return;
  throw new GraddError(
    'limit-exceeded',
    `An int of more than ${MAX_BITS} bits exceeds what expressions compute with`,
  );
}

function floorDivInt(a: bigint, b: bigint): bigint {
  if (b === 0n) return fail('ZeroDivisionError: integer division or modulo by zero');
  const q = a / b;
  return q * b !== a && a < 0n !== b < 0n ? q - 1n : q;
}

function modFloat(a: number, b: number): number {
  if (b === 0) return fail('ZeroDivisionError: float modulo');
  const r = a % b;
  if (r === 0) return b < 0 ? -0 : 0;
  return r < 0 !== b < 0 ? r + b : r;
}

function floorDivFloat(a: number, b: number): number {
  if (b === 0) return fail('ZeroDivisionError: float floor division by zero');
  return Math.round((a - modFloat(a, b)) / b);
}

function power(a: PyNumber, b: PyNumber): PyNumber {
  if (isFloat(a) || isFloat(b) || toInt(b) < 0n) {
    const [x, y] = [toFloat(a), toFloat(b)];
    if (x === 0 && y < 0) return fail('ZeroDivisionError: 0.0 cannot be raised to a negative power');
    if (x < 0 && Number.isFinite(x) && Number.isFinite(y) && !Number.isInteger(y)) {
      return fail('a negative number to a fractional power is complex, which is not available');
    }
    if (x === 1 || y === 0) return 1;
    const result = x ** y;
    return Number.isFinite(result) || !Number.isFinite(x) || !Number.isFinite(y)
      ? result
      : fail("OverflowError: (34, 'Numerical result out of range')");
  }
  const [base, exponent] = [toInt(a), toInt(b)];
  if (base > 1n || base < -1n)
    bounded(exponent > BigInt(MAX_BITS) ? Number.POSITIVE_INFINITY : bits(base) * Number(exponent) - 3);
  else if (exponent > 1n) return base === -1n && exponent % 2n === 0n ? 1n : base;
  return base ** exponent;
}

function shift(a: PyNumber, b: PyNumber, left: boolean): bigint {
  const by = toInt(b);
  if (by < 0n) return fail('ValueError: negative shift count');
  if (!left) return toInt(a) >> (by > 100_000n ? 100_000n : by);
  bounded(toInt(a) === 0n ? 0 : bits(toInt(a)) + Number(by));
  return toInt(a) << by;
}

const bitwise: Record<string, (a: bigint, b: bigint) => bigint> = {
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
};

function intArithmetic(op: string, a: bigint, b: bigint): PyNumber {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      bounded(bits(a) + bits(b));
      return a * b;
    case '//':
      return floorDivInt(a, b);
    default:
      return a - floorDivInt(a, b) * b;
  }
}

function floatArithmetic(op: string, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
      return floorDivFloat(a, b);
    default:
      return modFloat(a, b);
  }
}

function divide(a: PyNumber, b: PyNumber): number {
  const [x, y] = [toFloat(a), toFloat(b)];
  return y === 0
    ? fail(`ZeroDivisionError: ${isFloat(a) || isFloat(b) ? 'float division' : 'division'} by zero`)
    : x / y;
}

/** A binary operator of Python on two numbers; undefined where it has none for them. */
export function arithmetic(op: string, a: PyNumber, b: PyNumber): PyNumber | undefined {
  const floats = isFloat(a) || isFloat(b);
  switch (op) {
    case '+':
    case '-':
    case '*':
    case '//':
    case '%':
      return floats ? floatArithmetic(op, toFloat(a), toFloat(b)) : intArithmetic(op, toInt(a), toInt(b));
    case '/':
      return divide(a, b);
    case '**':
      return power(a, b);
    case '<<':
    case '>>':
      return floats ? undefined : shift(a, b, op === '<<');
    case '&':
    case '|':
    case '^': {
      if (floats) return undefined;
      const result = (bitwise[op] as (a: bigint, b: bigint) => bigint)(toInt(a), toInt(b));
      return typeof a === 'boolean' && typeof b === 'boolean' ? result !== 0n : result;
    }
    default:
      return undefined;
  }
}

/** A comparison of Python on two numbers. JavaScript compares ints and floats exactly. */
export function compare(op: string, a: PyNumber, b: PyNumber): boolean {
  const [x, y] = [typeof a === 'boolean' ? BigInt(a) : a, typeof b === 'boolean' ? BigInt(b) : b];
  switch (op) {
    case '<':
      return x < y;
    case '<=':
      return x <= y;
    case '>':
      return x > y;
    case '>=':
      return x >= y;
    case '==':
      return x >= y && x <= y;
    default:
      return !(x >= y && x <= y);
  }
}

/** A sign or `~` of Python on a number; undefined where it has none. */
export function signed(op: string, x: PyNumber): PyNumber | undefined {
  const value = typeof x === 'boolean' ? BigInt(x) : x;
  if (op === '+') return value;
  if (op === '-') return -value;
  return typeof value === 'bigint' ? ~value : undefined;
}

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
const unary: Readonly<Record<string, (x: number) => number>> = floatFunctions;

export const mathConstants = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
  ['tau', 2 * Math.PI],
  ['inf', Number.POSITIVE_INFINITY],
  ['nan', Number.NaN],
]);

const rounding: Record<string, (x: number) => number> = {
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
};

export const isMathFunction = (name: string): boolean =>
  Object.hasOwn(unary, name) ||
  Object.hasOwn(rounding, name) ||
  ['log', 'pow', 'atan2', 'hypot', 'fmod'].includes(name);

function checked(result: number, inputs: readonly number[]): number {
  if (Number.isNaN(result) && !inputs.some(Number.isNaN)) return fail('ValueError: math domain error');
  if (!Number.isFinite(result) && inputs.every(Number.isFinite)) {
    return fail(result < 0 ? 'ValueError: math domain error' : 'OverflowError: math range error');
  }
  return result;
}

/** A function of Python's `math` on numbers. */
export function callMath(name: string, args: readonly PyNumber[]): PyNumber {
  const [x, y] = args.map(toFloat);
  const arity =
    Object.hasOwn(unary, name) || Object.hasOwn(rounding, name) ? 1 : name === 'log' ? args.length : 2;
  if (x === undefined || args.length !== arity || arity > 2) {
    return fail(
      `${name}() takes exactly ${arity > 2 ? 2 : Math.max(1, arity)} argument${arity === 1 ? '' : 's'} (${args.length} given)`,
    );
  }
  if (Object.hasOwn(rounding, name)) {
    if (!Number.isFinite(x)) return fail('OverflowError: cannot convert float infinity to integer');
    return typeof args[0] === 'number'
      ? BigInt((rounding[name] as (x: number) => number)(x))
      : toInt(args[0] as PyNumber);
  }
  if (Object.hasOwn(unary, name)) return checked((unary[name] as (x: number) => number)(x), [x]);
  const second = y ?? 0;
  if (name === 'log') return logarithm(x, y);
  if (name === 'pow') return checked(x ** second, [x, second]);
  if (name === 'atan2') return Math.atan2(x, second);
  return name === 'hypot' ? checked(Math.hypot(x, second), [x, second]) : checked(x % second, [x, second]);
}

function logarithm(x: number, base: number | undefined): number {
  if (x <= 0 || (base !== undefined && base <= 0)) return fail('ValueError: math domain error');
  if (base === undefined) return Math.log(x);
  return base === 1 ? fail('ZeroDivisionError: float division by zero') : Math.log(x) / Math.log(base);
}
