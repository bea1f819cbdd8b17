import type { BinaryOp } from '../syntax/ast.ts';
import { OverflowError, raise, valueError, ZeroDivisionError } from './exceptions.ts';
import { bitLength, machine } from './machine.ts';
import type { Ordering } from './object.ts';

/** Python's numbers: `bigint` int, `number` float, `boolean` bool. */
export type PyNumber = bigint | number | boolean;

export const isNumber = (value: unknown): value is PyNumber =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean';

/** Bits that an int may have. */
export const MAX_BITS = 2 ** 18;
const LARGEST = 1n << BigInt(MAX_BITS);
/** Ints beyond this take more steps. */
const LONG = 1n << 16384n;
const LONG_STEPS = 32;

const zeroDivision = (message: string): unknown => raise(ZeroDivisionError, message);

function tooLarge(): never {
  throw machine.exceeded(`computes an int of more than ${MAX_BITS} bits`);
}

/** An int that is not too large. */
export function bounded(value: bigint): bigint {
  if (value > LARGEST || value < -LARGEST) tooLarge();
  if (value > LONG || value < -LONG) machine.spend(LONG_STEPS);
  return value;
}

const toInt = (x: PyNumber): bigint => (typeof x === 'bigint' ? x : BigInt(x));

export function intToFloat(value: bigint): number {
  const result = Number(value);
  if (!Number.isFinite(result)) throw raise(OverflowError, 'int too large to convert to float');
  return result;
}

export const toFloat = (x: PyNumber): number => (typeof x === 'bigint' ? intToFloat(x) : Number(x));

export function floorDivide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw zeroDivision('integer division or modulo by zero');
  if (a > LONG || a < -LONG) machine.spend(LONG_STEPS);
  const q = a / b;
  return q * b !== a && a < 0n !== b < 0n ? q - 1n : q;
}

export function modulo(a: bigint, b: bigint): bigint {
  if (b === 0n) throw zeroDivision('integer modulo by zero');
  if (a > LONG || a < -LONG) machine.spend(LONG_STEPS);
  const r = a % b;
  return r !== 0n && r < 0n !== b < 0n ? r + b : r;
}

export function floatModulo(a: number, b: number): number {
  if (b === 0) throw zeroDivision('float modulo');
  const r = a % b;
  if (r === 0) return b < 0 || Object.is(b, -0) ? -0 : 0;
  return r < 0 !== b < 0 ? r + b : r;
}

export function floatFloorDivide(a: number, b: number): number {
  if (b === 0) throw zeroDivision('float floor division by zero');
  return quotient(a, b);
}

/** CPython's own way: the remainder first, so that quotient and remainder fit together. */
function quotient(a: number, b: number): number {
  let r = a % b;
  let q = (a - r) / b;
  if (r !== 0 && b < 0 !== r < 0) {
    r += b;
    q -= 1;
  }
  if (q === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(q);
  return q - floor > 0.5 ? floor + 1 : floor;
}

/** `a / b` of ints: rounded once, also where neither fits a float. */
function trueDivide(a: bigint, b: bigint): number {
  if (b === 0n) throw zeroDivision('division by zero');
  const [x, y] = [Number(a), Number(b)];
  if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) return x / y;
  const negative = a < 0n !== b < 0n;
  const [p, q] = [a < 0n ? -a : a, b < 0n ? -b : b];
  // 66 bits of quotient and a sticky bit round to 53 as the exact quotient does.
  const shift = Math.max(bitLength(q) - bitLength(p) + 66, -1074);
  const [n, d] = shift >= 0 ? [p << BigInt(shift), q] : [p, q << BigInt(-shift)];
  const exact = n / d;
  const sticky = exact * d === n ? exact : exact | 1n;
  const result = scaled(sticky, -shift);
  if (!Number.isFinite(result)) throw raise(OverflowError, 'integer division result too large for a float');
  return negative ? -result : result;
}

/** `value * 2 ** exponent`, rounded once. */
export function scaled(value: bigint, exponent: number): number {
  const bits = bitLength(value);
  if (bits === 0) return 0;
  if (bits + exponent > 1024) return Number.POSITIVE_INFINITY;
  const least = Math.max(bits + exponent - 53, -1074);
  const drop = least - exponent;
  let kept = value;
  if (drop > 0) {
    const unit = 1n << BigInt(drop);
    const rest = value & (unit - 1n);
    kept = value >> BigInt(drop);
    if (rest * 2n > unit || (rest * 2n === unit && (kept & 1n) === 1n)) kept += 1n;
    let result = Number(kept);
    for (let e = least; e !== 0; ) {
      const step = Math.max(-1000, Math.min(1000, e));
      result *= 2 ** step;
      e -= step;
    }
    return result;
  }
  let result = Number(kept);
  for (let e = exponent; e !== 0; ) {
    const step = Math.max(-1000, Math.min(1000, e));
    result *= 2 ** step;
    e -= step;
  }
  return result;
}

function floatPower(x: number, y: number): number {
  if (x === 0 && y < 0) throw zeroDivision('0.0 cannot be raised to a negative power');
  if (x < 0 && Number.isFinite(x) && Number.isFinite(y) && !Number.isInteger(y)) {
    throw valueError('a negative number to a fractional power is complex, which is not available');
  }
  if (x === 1 || y === 0) return 1;
  if (x === -1 && !Number.isFinite(y) && !Number.isNaN(y)) return 1;
  const result = x ** y;
  if (Number.isFinite(result) || !Number.isFinite(x) || !Number.isFinite(y)) return result;
  const overflow = raise(OverflowError);
  overflow.exception.args = [34n, 'Numerical result out of range'];
  throw overflow;
}

function intPower(base: bigint, exponent: bigint): bigint {
  if (base <= 1n && base >= -1n) {
    if (exponent === 0n || base === 1n) return 1n;
    return base === -1n && exponent % 2n === 0n ? 1n : base;
  }
  if (exponent > BigInt(MAX_BITS) || (bitLength(base) - 1) * Number(exponent) > MAX_BITS) tooLarge();
  return bounded(base ** exponent);
}

export function power(a: PyNumber, b: PyNumber): PyNumber {
  if (typeof a === 'number' || typeof b === 'number') return floatPower(toFloat(a), toFloat(b));
  const [base, exponent] = [toInt(a), toInt(b)];
  if (exponent < 0n) {
    if (base === 0n) throw zeroDivision('0.0 cannot be raised to a negative power');
    return floatPower(intToFloat(base), intToFloat(exponent));
  }
  return intPower(base, exponent);
}

/** `pow(base, exponent, modulus)`. */
export function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  if (modulus === 0n) throw valueError('pow() 3rd argument cannot be 0');
  let factor = base;
  let left = exponent;
  if (exponent < 0n) {
    factor = inverse(base, modulus);
    left = -exponent;
  }
  let result = 1n;
  factor = modulo(factor, modulus);
  for (; left > 0n; left >>= 1n) {
    machine.spend(1 + (bitLength(modulus) >> 5));
    if (left & 1n) result = modulo(result * factor, modulus);
    factor = modulo(factor * factor, modulus);
  }
  return modulo(result, modulus);
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [r, s] = [modulus, modulo(value, modulus)];
  let [x, y] = [0n, 1n];
  while (s !== 0n) {
    const q = floorDivide(r, s);
    [r, s] = [s, r - q * s];
    [x, y] = [y, x - q * y];
  }
  if (r !== 1n && r !== -1n) throw valueError('base is not invertible for the given modulus');
  return modulo(r === 1n ? x : -x, modulus);
}

function shift(a: bigint, b: bigint, left: boolean): bigint {
  if (b < 0n) throw valueError('negative shift count');
  if (!left) return a >> (b > BigInt(MAX_BITS) ? BigInt(MAX_BITS + 1) : b);
  if (a === 0n) return 0n;
  if (b > BigInt(MAX_BITS) || bitLength(a) + Number(b) > MAX_BITS) tooLarge();
  return a << b;
}

function intArithmetic(op: BinaryOp, a: bigint, b: bigint): PyNumber | undefined {
  switch (op) {
    case '+':
      return bounded(a + b);
    case '-':
      return bounded(a - b);
    case '*':
      return bounded(a * b);
    case '/':
      return trueDivide(a, b);
    case '//':
      return floorDivide(a, b);
    case '%':
      return modulo(a, b);
    case '**':
      return power(a, b);
    case '<<':
    case '>>':
      return shift(a, b, op === '<<');
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    default:
      return undefined;
  }
}

function floatArithmetic(op: BinaryOp, a: number, b: number): number | undefined {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw zeroDivision('float division by zero');
      return a / b;
    case '//':
      return floatFloorDivide(a, b);
    case '%':
      return floatModulo(a, b);
    case '**':
      return floatPower(a, b);
    default:
      return undefined;
  }
}

/** A binary operator on two numbers; undefined where it has none for them. */
export function arithmetic(op: BinaryOp, a: PyNumber, b: PyNumber): PyNumber | undefined {
  if (typeof a === 'number' || typeof b === 'number') {
    if (['<<', '>>', '&', '|', '^', '@'].includes(op)) return undefined;
    return floatArithmetic(op, toFloat(a), toFloat(b));
  }
  const result = intArithmetic(op, toInt(a), toInt(b));
  const bools = typeof a === 'boolean' && typeof b === 'boolean' && (op === '&' || op === '|' || op === '^');
  return bools ? result !== 0n : result;
}

/** A comparison of Python on two numbers. JavaScript compares ints and floats exactly. */
export function compareNumbers(op: Ordering, a: PyNumber, b: PyNumber): boolean {
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

/** The float as an exact fraction `mantissa * 2 ** exponent`. */
export function decompose(x: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}

/** `|x| * 10 ** digits` as an int, rounded half to even of the exact value. */
export function scaledDecimal(x: number, digits: number): bigint {
  const { mantissa, exponent } = decompose(x);
  let n = mantissa;
  let d = 1n;
  if (exponent >= 0) n <<= BigInt(exponent);
  else d <<= BigInt(-exponent);
  if (digits >= 0) n *= 10n ** BigInt(digits);
  else d *= 10n ** BigInt(-digits);
  return roundedQuotient(n, d);
}

/** `n / d` of positive ints, rounded half to even. */
export function roundedQuotient(n: bigint, d: bigint): bigint {
  const q = n / d;
  const twice = (n - q * d) * 2n;
  return twice > d || (twice === d && (q & 1n) === 1n) ? q + 1n : q;
}

/** `repr` of a float. */
export function floatRepr(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  if (x === 0) return Object.is(x, -0) ? '-0.0' : '0.0';
  const [digits, e] = Math.abs(x).toExponential().split('e') as [string, string];
  const exponent = Number(e);
  if (exponent >= 16 || exponent < -4) {
    const sign = exponent < 0 ? '-' : '+';
    return `${x < 0 ? '-' : ''}${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const text = exponent >= 0 && !String(x).includes('e') ? String(x) : plain(x, digits, exponent);
  return /[.]/.test(text) ? text : `${text}.0`;
}

function plain(x: number, digits: string, exponent: number): string {
  const all = digits.replace('.', '');
  const text = `0.${'0'.repeat(-exponent - 1)}${all}`;
  return x < 0 ? `-${text}` : text;
}

/** Digits beyond which Python refuses to write an int. */
const MAX_DIGITS = 4300;
const LARGEST_TEXT = 10n ** BigInt(MAX_DIGITS);

/** `str` of an int. */
export function intText(value: bigint): string {
  if (value >= LARGEST_TEXT || value <= -LARGEST_TEXT) {
    throw valueError(
      `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit`,
    );
  }
  return value.toString();
}
