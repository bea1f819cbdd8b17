import { typeError, valueError } from './exceptions.ts';
import { machine } from './machine.ts';
import { floatRepr, intText, intToFloat, scaledDecimal } from './numbers.ts';
import { nameOfType, type Py, PyObject } from './object.ts';
import { str } from './operations.ts';
import { codePoints, hasSurrogates } from './text.ts';

/** The parts of Python's mini-language of formats. */
export interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  /** Whether a sign was asked for. */
  readonly signed: boolean;
  readonly alternate: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | null;
  readonly kind: string;
}

const FORM = /^(?:([\s\S])(?=[<>=^]))?([<>=^])?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([\s\S])?$/u;
/** Digits beyond which CPython itself refuses a width. */
const LARGEST = 2 ** 31;

function parse(text: string, type: string): Spec {
  const match = FORM.exec(text);
  if (match === null) {
    if (/\.(?!\d)/.test(text)) throw valueError('Format specifier missing precision');
    throw valueError(`Invalid format specifier '${text}' for object of type '${type}'`);
  }
  const [, fill, align, sign, , hash, zero, width, grouping, precision, kind] = match;
  const [wide, exact] = [Number(width ?? 0), precision === undefined ? null : Number(precision)];
  if (wide >= LARGEST || (exact ?? 0) >= LARGEST)
    throw valueError('Too many decimal digits in format string');
  const padded = zero !== undefined && align === undefined;
  return {
    fill: fill ?? (zero !== undefined ? '0' : ' '),
    align: align ?? (padded ? '=' : ''),
    sign: sign ?? '-',
    signed: sign !== undefined,
    alternate: hash !== undefined,
    zero: zero !== undefined,
    width: wide,
    grouping: grouping ?? '',
    precision: exact,
    kind: kind ?? '',
  };
}

const lengthOf = (text: string): number => (hasSurrogates(text) ? codePoints(text).length : text.length);

function pad(text: string, { fill, width }: Spec, align: string): string {
  const missing = width - lengthOf(text);
  if (missing <= 0) return text;
  machine.allocate(2 * width);
  if (align === '<') return text + fill.repeat(missing);
  if (align === '^') {
    const left = missing >> 1;
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }
  return fill.repeat(missing) + text;
}

const unknown = (kind: string, type: string): unknown =>
  valueError(`Unknown format code '${kind}' for object of type '${type}'`);

/** `format(value, spec)`. */
export function formatValue(value: Py, spec: string): string {
  if (value instanceof PyObject) {
    const own = value.format(spec);
    if (own !== undefined) return own;
    if (spec === '') return str(value);
    throw typeError(`unsupported format string passed to ${nameOfType(value)}.__format__`);
  }
  if (spec === '') return str(value);
  switch (typeof value) {
    case 'string':
      return formatText(value, spec);
    case 'bigint':
      return formatInt(value, parse(spec, 'int'), spec);
    case 'boolean':
      return formatInt(BigInt(value), parse(spec, 'bool'), spec);
    case 'number':
      return formatFloat(value, parse(spec, 'float'), 'float');
    default:
      throw typeError(`unsupported format string passed to ${nameOfType(value)}.__format__`);
  }
}

function formatText(text: string, source: string): string {
  const spec = parse(source, 'str');
  if (spec.grouping !== '') throw valueError(`Cannot specify '${spec.grouping}' with 's'.`);
  if (spec.kind !== '' && spec.kind !== 's') throw unknown(spec.kind, 'str');
  if (spec.sign === ' ') throw valueError('Space not allowed in string format specifier');
  if (spec.signed) throw valueError('Sign not allowed in string format specifier');
  if (spec.alternate) throw valueError('Alternate form (#) not allowed in string format specifier');
  if (spec.align === '=' && !(spec.zero && !source.includes('='))) {
    throw valueError("'=' alignment not allowed in string format specifier");
  }
  const cut = spec.precision === null ? text : codePoints(text).slice(0, spec.precision).join('');
  return pad(cut, spec, spec.align === '' || spec.align === '=' ? '<' : spec.align);
}

function grouped(digits: string, { grouping, kind }: Spec): string {
  if (grouping === '') return digits;
  const size = 'bxXo'.includes(kind) && kind !== '' ? 4 : 3;
  const parts: string[] = [];
  for (let end = digits.length; end > 0; end -= size)
    parts.unshift(digits.slice(Math.max(0, end - size), end));
  return parts.join(grouping);
}

function signOf(negative: boolean, { sign }: Spec): string {
  if (negative) return '-';
  return sign === '-' ? '' : sign;
}

/** Puts sign, digits and what follows together, padded. */
function assemble(sign: string, prefix: string, whole: string, rest: string, spec: Spec): string {
  let digits = grouped(whole, spec);
  if (spec.align === '=' && spec.fill === '0' && spec.grouping !== '') {
    // Zeros are grouped too.
    const room = spec.width - sign.length - prefix.length - rest.length;
    let padded = whole;
    while (grouped(padded, spec).length < room && padded.length < spec.width) padded = `0${padded}`;
    machine.allocate(4 * spec.width);
    digits = grouped(padded, spec);
    if (digits.length > room && digits.startsWith(spec.grouping)) digits = `0${digits}`;
  }
  const body = digits + rest;
  if (spec.align === '=') {
    const missing = spec.width - sign.length - prefix.length - lengthOf(body);
    if (missing > 0) {
      machine.allocate(2 * spec.width);
      return sign + prefix + spec.fill.repeat(missing) + body;
    }
    return sign + prefix + body;
  }
  return pad(sign + prefix + body, spec, spec.align === '' ? '>' : spec.align);
}

const bases: Record<string, [number, string]> = {
  b: [2, '0b'],
  o: [8, '0o'],
  x: [16, '0x'],
  X: [16, '0X'],
};

function formatInt(value: bigint, spec: Spec, source: string): string {
  const { kind } = spec;
  if ('eEfFgG%'.includes(kind) && kind !== '') return formatFloat(intToFloat(value), spec, 'int');
  if (!['', 'd', 'n', 'b', 'o', 'x', 'X', 'c'].includes(kind)) throw unknown(kind, 'int');
  if (spec.grouping === ',' && 'boxX'.includes(kind) && kind !== '')
    throw valueError(`Cannot specify ',' with '${kind}'.`);
  if (spec.precision !== null) throw valueError('Precision not allowed in integer format specifier');
  if (kind === 'c') {
    if (/[-+]/.test(source)) throw valueError("Sign not allowed with integer format specifier 'c'");
    return pad(String.fromCodePoint(Number(value)), spec, spec.align === '' ? '<' : spec.align);
  }
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  const [base, prefix] = bases[kind] ?? [10, ''];
  let digits = base === 10 ? intText(magnitude) : magnitude.toString(base);
  if (kind === 'X') digits = digits.toUpperCase();
  return assemble(signOf(negative, spec), spec.alternate ? prefix : '', digits, '', spec);
}

/** Digits beyond which a float has only zeros. */
const MOST_DIGITS = 1100;

/** `|x|` with so many digits after the point, rounded half to even of its exact value. */
export function fixed(x: number, digits: number): string {
  const exact = Math.min(digits, MOST_DIGITS);
  machine.allocate(2 * digits);
  machine.spend(exact >> 3);
  const all = scaledDecimal(x, exact)
    .toString()
    .padStart(exact + 1, '0');
  const text = exact === 0 ? all : `${all.slice(0, -exact)}.${all.slice(-exact)}`;
  return text + '0'.repeat(digits - exact);
}

/** `|x|` as so many digits and a power of ten, rounded half to even of its exact value. */
function scientificParts(x: number, digits: number): { digits: string; exponent: number } {
  if (x === 0) return { digits: '0'.repeat(digits), exponent: 0 };
  const exact = Math.min(digits, MOST_DIGITS);
  machine.spend(exact >> 3);
  let exponent = Number((Math.abs(x).toExponential().split('e') as [string, string])[1]);
  let text = scaledDecimal(x, exact - 1 - exponent).toString();
  if (text.length > exact) {
    exponent++;
    text = scaledDecimal(x, exact - 1 - exponent).toString();
  }
  machine.allocate(2 * digits);
  return { digits: text + '0'.repeat(digits - exact), exponent };
}

const exponentText = (exponent: number): string =>
  `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;

export function scientific(x: number, precision: number, alternate: boolean): string {
  const { digits, exponent } = scientificParts(x, precision + 1);
  const point = precision > 0 || alternate ? '.' : '';
  return `${digits[0]}${point}${digits.slice(1)}${exponentText(exponent)}`;
}

/** `%g`; a `plain` float has at least one digit after the point. */
export function general(x: number, precision: number, alternate: boolean, plain = false): string {
  const wanted = Math.max(1, precision);
  const { digits, exponent } = scientificParts(x, wanted);
  const strip = (text: string): string =>
    alternate || !text.includes('.') ? text : text.replace(/0+$/, '').replace(/\.$/, '');
  if (exponent < -4 || exponent >= (plain ? wanted - 1 : wanted)) {
    return strip(`${digits[0]}.${digits.slice(1)}`) + exponentText(exponent);
  }
  const shifted =
    exponent >= 0
      ? `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
      : `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const text = strip(shifted);
  return plain && !text.includes('.') ? `${text}.0` : text;
}

function formatFloat(value: number, spec: Spec, type: string): string {
  const { kind, precision, alternate } = spec;
  if (!['', 'e', 'E', 'f', 'F', 'g', 'G', 'n', '%'].includes(kind)) throw unknown(kind, type);
  const negative = value < 0 || Object.is(value, -0);
  const x = kind === '%' ? Math.abs(value) * 100 : Math.abs(value);
  const sign = signOf(negative, spec);
  const upper = kind === 'E' || kind === 'F' || kind === 'G';
  if (!Number.isFinite(x)) {
    const text = Number.isNaN(x) ? 'nan' : 'inf';
    const body = (upper ? text.toUpperCase() : text) + (kind === '%' ? '%' : '');
    return assemble(Number.isNaN(x) ? signOf(false, spec) : sign, '', body, '', { ...spec, grouping: '' });
  }
  let text = magnitude(x, kind, precision, alternate);
  if (upper) text = text.toUpperCase();
  const [, whole, rest] = /^(\d+)([\s\S]*)$/.exec(text) as unknown as [string, string, string];
  return assemble(sign, '', whole, rest, spec);
}

function magnitude(x: number, kind: string, precision: number | null, alternate: boolean): string {
  switch (kind.toLowerCase()) {
    case 'f':
      return pointed(fixed(x, precision ?? 6), alternate);
    case 'e':
      return scientific(x, precision ?? 6, alternate);
    case 'g':
    case 'n':
      return general(x, precision ?? 6, alternate);
    case '%':
      return `${pointed(fixed(x, precision ?? 6), alternate)}%`;
    default:
      return precision === null ? floatRepr(x) : general(x, precision, alternate, true);
  }
}

/** The alternate form always has a point. */
export const pointed = (text: string, alternate: boolean): string =>
  alternate && !text.includes('.') ? `${text}.` : text;
