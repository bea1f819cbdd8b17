import type { Scalar } from '../tensor/dtype.ts';

const sign = (x: number): string => (x < 0 || Object.is(x, -0) ? '-' : '');

/** `nan`, `inf` and `-inf`, or null for what is finite. */
function special(x: number): string | null {
  if (Number.isNaN(x)) return 'nan';
  return Number.isFinite(x) ? null : `${sign(x)}inf`;
}

const bits = new DataView(new ArrayBuffer(8));

/** The decimal digits of |x|, all of them, without rounding; `point` of them stand after the decimal point. */
function exactDigits(x: number): { digits: string; point: number } {
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const biased = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  if (exponent >= 0) return { digits: (mantissa << BigInt(exponent)).toString(), point: 0 };
  return { digits: (mantissa * 5n ** BigInt(-exponent)).toString(), point: -exponent };
}

/** The first `keep` digits of a number, rounded half to even; a digit longer where it carries over. */
function roundDigits(digits: string, keep: number): string {
  const head = digits.slice(0, keep);
  const rest = digits.slice(keep);
  const last = head === '' ? 0 : Number(head.at(-1));
  const tie = /^50*$/.test(rest);
  const up = tie ? last % 2 === 1 : rest >= '5';
  return up ? (BigInt(head || '0') + 1n).toString().padStart(head.length, '0') : head;
}

/**
 * `f'{x:.{precision}f}'` of CPython: the exact value, rounded half to even. JavaScript's `toFixed` differs in ties and
 * from 1e21 on; a tie needs x·2^(precision+1) to be an integer.
 */
export function fixed(x: number, precision: number): string {
  const name = special(x);
  if (name !== null) return name;
  if (Math.abs(x) < 1e21 && precision <= 100 && !Number.isInteger(x * 2 ** (precision + 1))) {
    return sign(x) + Math.abs(x).toFixed(precision);
  }
  const { digits, point } = exactDigits(x);
  const whole = digits.padStart(point + 1, '0');
  const cut = whole.length - point + precision;
  const rounded = cut < whole.length ? roundDigits(whole, cut) : whole.padEnd(cut, '0');
  if (precision === 0) return sign(x) + rounded;
  return `${sign(x)}${rounded.slice(0, -precision)}.${rounded.slice(-precision)}`;
}

const exponentText = (e: number): string => `e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`;

/** `f'{x:.{precision}e}'` of CPython. */
export function exponential(x: number, precision: number): string {
  const name = special(x);
  if (name !== null) return name;
  const { digits, point } = exactDigits(x);
  let exponent = x === 0 ? 0 : digits.length - 1 - point;
  let kept =
    digits.length > precision + 1 ? roundDigits(digits, precision + 1) : digits.padEnd(precision + 1, '0');
  if (kept.length > precision + 1) {
    kept = kept.slice(0, precision + 1);
    exponent++;
  }
  const fraction = precision === 0 ? '' : `.${kept.slice(1)}`;
  return sign(x) + kept[0] + fraction + exponentText(exponent);
}

const withoutZeros = (text: string): string =>
  text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');

/** `f'{x:.{precision}g}'` of CPython. */
export function general(x: number, precision: number): string {
  const name = special(x);
  if (name !== null) return name;
  const significant = Math.max(1, precision);
  const scientific = exponential(x, significant - 1);
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  const plain = exponent >= -4 && exponent < significant;
  return withoutZeros(plain ? fixed(x, significant - 1 - exponent) : scientific);
}

/** `repr` of a Python float: the shortest text that reads back as the same number, `1e-05` and `1e+16` included. */
export function floatRepr(x: number): string {
  const name = special(x);
  if (name !== null) return name;
  const [mantissa, power] = Math.abs(x).toExponential().split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) return sign(x) + mantissa + exponentText(exponent);
  if (exponent < 0) return `${sign(x)}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign(x)}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** `repr` of a Python number. */
export function scalarRepr(value: Scalar): string {
  if (typeof value === 'number') return floatRepr(value);
  if (typeof value === 'bigint') return value.toString();
  return value ? 'True' : 'False';
}
