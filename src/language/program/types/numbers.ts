import { binder, method } from '../runtime/args.ts';
import { OverflowError, raise, typeError, valueError } from '../runtime/exceptions.ts';
import { HostProperty } from '../runtime/function.ts';
import { bitLength } from '../runtime/machine.ts';
import { decompose, floorDivide, intToFloat, isNumber, scaledDecimal } from '../runtime/numbers.ts';
import {
  boolType,
  floatType,
  intType,
  nameOfType,
  type Py,
  PyObject,
  type PyType,
} from '../runtime/object.ts';
import { repr, truth } from '../runtime/operations.ts';
import { plain } from '../runtime/scalar.ts';
import { clamp, intArgument, PyTuple } from '../runtime/sequences.ts';

/** Digits beyond which Python refuses to read an int. */
const MAX_DIGITS = 4300;

function textToInt(text: string, base: number): bigint {
  const refuse = (): never => {
    throw valueError(`invalid literal for int() with base ${base}: ${repr(text)}`);
  };
  const match = /^\s*([-+]?)(0[xXoObB])?(_?[\da-zA-Z]+(?:_[\da-zA-Z]+)*)\s*$/.exec(text);
  if (match === null) return refuse();
  const [, sign, prefix, body] = match as unknown as [string, string, string | undefined, string];
  const prefixes: Record<string, number> = { '0x': 16, '0o': 8, '0b': 2 };
  const named = prefix === undefined ? undefined : prefixes[prefix.toLowerCase()];
  let radix = base;
  let digits = body.replaceAll('_', '').toLowerCase();
  if (prefix !== undefined && (base === 0 || base === named)) radix = named as number;
  else if (prefix !== undefined) digits = prefix.toLowerCase() + digits;
  else if (body.startsWith('_')) return refuse();
  if (radix === 0) {
    if (/^0+[1-9]/.test(digits)) return refuse();
    radix = 10;
  }
  if (digits.length > MAX_DIGITS && ![2, 4, 8, 16, 32].includes(radix)) {
    throw valueError(
      `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion: value has ${digits.length} digits; use sys.set_int_max_str_digits() to increase the limit`,
    );
  }
  for (const c of digits)
    if (Number.parseInt(c, 36) >= radix || Number.isNaN(Number.parseInt(c, 36))) return refuse();
  const value =
    radix === 10
      ? BigInt(digits)
      : [16, 8, 2].includes(radix)
        ? BigInt(`${radix === 16 ? '0x' : radix === 8 ? '0o' : '0b'}${digits}`)
        : [...digits].reduce((sum, c) => sum * BigInt(radix) + BigInt(Number.parseInt(c, radix)), 0n);
  return sign === '-' ? -value : value;
}

/** `int(x)` of a float. */
export function floatToInt(x: number): bigint {
  if (Number.isNaN(x)) throw valueError('cannot convert float NaN to integer');
  if (!Number.isFinite(x)) throw raise(OverflowError, 'cannot convert float infinity to integer');
  return BigInt(Math.trunc(x));
}

const bindInt = binder('int(x=?, /, base=?)');

function makeInt(_type: PyType, args: Py[], keywords: ReadonlyMap<string, Py> | null): Py {
  const [value, base] = bindInt(args, keywords);
  if (base !== undefined) {
    if (value === undefined) throw typeError('int() missing string argument');
    if (typeof value !== 'string') throw typeError("int() can't convert non-string with explicit base");
    const radix = clamp(intArgument(base));
    if (radix !== 0 && (radix < 2 || radix > 36)) throw valueError('int() base must be >= 2 and <= 36, or 0');
    return textToInt(value, radix);
  }
  if (value === undefined) return 0n;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return BigInt(value);
  if (typeof value === 'number') return floatToInt(value);
  if (typeof value === 'string') return textToInt(value, 10);
  const int = value?.toInt();
  if (int !== undefined) return int;
  throw typeError(
    `int() argument must be a string, a bytes-like object or a real number, not '${nameOfType(value)}'`,
  );
}

function textToFloat(text: string): number {
  const plain = text.trim().toLowerCase();
  const special = /^([-+]?)(inf|infinity|nan)$/.exec(plain);
  if (special !== null) {
    if (special[2] === 'nan') return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!/^[-+]?(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:e[-+]?\d(?:_?\d)*)?$/.test(plain)) {
    throw valueError(`could not convert string to float: ${repr(text)}`);
  }
  return Number(plain.replaceAll('_', ''));
}

/** A number as a float; throws for anything else, in the words of `math`. */
export function floatArgument(value: Py): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return intToFloat(value);
  if (typeof value === 'boolean') return Number(value);
  const x = value instanceof PyObject ? value.toFloat() : undefined;
  if (x !== undefined) return x;
  throw typeError(`must be real number, not ${nameOfType(value)}`);
}

const bindFloat = binder('float(x=0.0, /)');

function makeFloat(_type: PyType, args: Py[], keywords: ReadonlyMap<string, Py> | null): Py {
  const [value] = bindFloat(args, keywords) as [Py];
  if (typeof value === 'string') return textToFloat(value);
  if (isNumber(value)) return floatArgument(value);
  const x = value instanceof PyObject ? value.toFloat() : undefined;
  if (x !== undefined) return x;
  throw typeError(`float() argument must be a string or a real number, not '${nameOfType(value)}'`);
}

const bindBool = binder('bool(x=False, /)');

/** `round(x, digits)` of a float: the decimal that is nearest to its exact value, half to even. */
export function roundFloat(x: number, digits: bigint | null): Py {
  if (digits === null) {
    if (Number.isNaN(x)) throw valueError('cannot convert float NaN to integer');
    if (!Number.isFinite(x)) throw raise(OverflowError, 'cannot convert float infinity to integer');
    const magnitude = scaledDecimal(x, 0);
    return x < 0 ? -magnitude : magnitude;
  }
  if (!Number.isFinite(x) || digits > 330n) return x;
  if (digits < -330n) return x < 0 ? -0 : 0;
  const count = Number(digits);
  const scaled = scaledDecimal(x, count);
  const magnitude = Number(`${scaled}e${-count}`);
  if (!Number.isFinite(magnitude)) throw raise(OverflowError, 'rounded value too large to represent');
  return x < 0 || Object.is(x, -0) ? -magnitude : magnitude;
}

/** `round(n, digits)` of an int. */
export function roundInt(value: bigint, digits: bigint | null): bigint {
  if (digits === null || digits >= 0n) return value;
  if (digits < -5000n) return 0n;
  const unit = 10n ** -digits;
  const low = floorDivide(value, unit);
  const twice = (value - low * unit) * 2n;
  return (twice > unit || (twice === unit && (low & 1n) === 1n) ? low + 1n : low) * unit;
}

Object.assign(intType.options, { make: makeInt });
Object.assign(floatType.options, { make: makeFloat });
Object.assign(boolType.options, {
  make: (_type: PyType, args: Py[], keywords: ReadonlyMap<string, Py> | null) =>
    truth(bindBool(args, keywords)[0] as Py),
});

const int = (value: Py): bigint => BigInt(plain(value) as bigint | boolean);
for (const builtin of [
  method('int.bit_length()', (self) => BigInt(bitLength(int(self)))),
  method('int.bit_count()', (self) =>
    BigInt([...(int(self) < 0n ? -int(self) : int(self)).toString(2)].filter((c) => c === '1').length),
  ),
  method('int.conjugate()', (self) => int(self)),
  method('int.is_integer()', () => true),
  method('int.as_integer_ratio()', (self) => new PyTuple([int(self), 1n])),
]) {
  intType.define(builtin.name, builtin);
}
for (const [name, read] of [
  ['real', (self: Py) => int(self)],
  ['imag', () => 0n],
  ['numerator', (self: Py) => int(self)],
  ['denominator', () => 1n],
] as const) {
  intType.define(name, new HostProperty(read));
}

/** The fraction that a float is. */
function ratio(x: number): [bigint, bigint] {
  if (Number.isNaN(x)) throw valueError('cannot convert NaN to integer ratio');
  if (!Number.isFinite(x)) throw raise(OverflowError, 'cannot convert Infinity to integer ratio');
  let { mantissa, exponent } = decompose(x);
  if (mantissa === 0n) return [0n, 1n];
  while ((mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    exponent++;
  }
  const signed = x < 0 ? -mantissa : mantissa;
  return exponent >= 0 ? [signed << BigInt(exponent), 1n] : [signed, 1n << BigInt(-exponent)];
}

for (const builtin of [
  method<number>('float.is_integer()', (self) => Number.isInteger(self)),
  method<number>('float.conjugate()', (self) => self),
  method<number>('float.as_integer_ratio()', (self) => new PyTuple(ratio(self))),
  method<number>('float.hex()', (self) => hex(self)),
]) {
  floatType.define(builtin.name, builtin);
}
floatType.define('real', new HostProperty(plain));
floatType.define('imag', new HostProperty(() => 0));

function hex(x: number): string {
  if (!Number.isFinite(x)) return repr(x);
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  const { mantissa, exponent } = decompose(x);
  if (mantissa === 0n) return `${sign}0x0.0p+0`;
  const normal = mantissa >= 0x10000000000000n;
  const fraction = (mantissa & 0xfffffffffffffn).toString(16).padStart(13, '0');
  const power = exponent + 52;
  return `${sign}0x${normal ? 1 : 0}.${fraction}p${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}
