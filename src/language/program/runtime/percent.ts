import { OverflowError, raise, typeError, valueError } from './exceptions.ts';
import { fixed, general, pointed, scientific } from './format.ts';
import { machine } from './machine.ts';
import { PyDict } from './mappings.ts';
import { intText } from './numbers.ts';
import { nameOfType, type Py, PyObject } from './object.ts';
import { getItem, repr, str } from './operations.ts';
import { PyTuple } from './sequences.ts';
import { asciiOnly, codePoints } from './text.ts';

const CONVERSION = /%(?:\(([^)]*)\))?([#0\- +]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?([\s\S])?/gu;

/** `template % values`. */
export function percentFormat(template: string, values: Py): string {
  const args = values instanceof PyTuple ? values.items : [values];
  let used = 0;
  let named = false;
  const next = (): Py => {
    if (used >= args.length) throw typeError('not enough arguments for format string');
    return args[used++] as Py;
  };
  const star = (): number => {
    const value = next();
    if (typeof value !== 'bigint') throw typeError('* wants int');
    return Number(value);
  };
  const result = template.replace(
    CONVERSION,
    (
      whole: string,
      key: string | undefined,
      flags: string,
      width: string,
      precision: string,
      kind: string,
      at: number,
    ) => {
      if (kind === undefined) throw valueError('incomplete format');
      if (kind === '%' && whole === '%%') return '%';
      let wide = width === '*' ? star() : Number(width ?? 0);
      const left = flags.includes('-') || wide < 0;
      wide = Math.abs(wide);
      const exact = !whole.includes('.') ? null : precision === '*' ? star() : Number(precision ?? 0);
      let value: Py;
      if (key !== undefined) {
        if (!(values instanceof PyDict)) throw typeError('format requires a mapping');
        named = true;
        value = getItem(values, key);
      } else value = next();
      machine.allocate(2 * (wide + (exact ?? 0)));
      return padded(converted(value, kind, flags, exact, at + whole.length - 1), wide, left, flags, kind);
    },
  );
  if (used < args.length && !named && !(values instanceof PyDict)) {
    throw typeError('not all arguments converted during string formatting');
  }
  machine.allocate(2 * result.length);
  return result;
}

function padded(text: string, width: number, left: boolean, flags: string, kind: string): string {
  if (text.length >= width) return text;
  if (left) return text.padEnd(width);
  if (!flags.includes('0') || 'srac'.includes(kind) || /nf|an/.test(text)) return text.padStart(width);
  const [, sign, digits] = /^([-+ ]?(?:0[xXo])?)([\s\S]*)$/.exec(text) as unknown as [string, string, string];
  return sign + digits.padStart(width - sign.length, '0');
}

function signed(negative: boolean, flags: string): string {
  if (negative) return '-';
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function converted(value: Py, kind: string, flags: string, precision: number | null, at: number): string {
  switch (kind) {
    case 's':
    case 'r':
    case 'a': {
      const text = kind === 's' ? str(value) : kind === 'r' ? repr(value) : asciiOnly(repr(value));
      return precision === null ? text : codePoints(text).slice(0, precision).join('');
    }
    case 'c':
      if (typeof value === 'string' && codePoints(value).length === 1) return value;
      if (typeof value === 'bigint') {
        if (value < 0n || value > 0x10ffffn) throw raise(OverflowError, '%c arg not in range(0x110000)');
        return String.fromCodePoint(Number(value));
      }
      throw typeError('%c requires int or char');
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      return integer(value, kind, flags, precision);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return float(value, kind, flags, precision ?? 6);
    default: {
      const code = (kind.codePointAt(0) as number).toString(16);
      throw valueError(`unsupported format character '${kind}' (0x${code}) at index ${at}`);
    }
  }
}

function integer(value: Py, kind: string, flags: string, precision: number | null): string {
  const hex = 'xXo'.includes(kind);
  let int: bigint | undefined;
  if (typeof value === 'bigint' || typeof value === 'boolean') int = BigInt(value);
  else if (typeof value === 'number' && !hex) {
    if (Number.isNaN(value)) throw valueError('cannot convert float NaN to integer');
    if (!Number.isFinite(value)) throw raise(OverflowError, 'cannot convert float infinity to integer');
    int = BigInt(Math.trunc(value));
  } else if (value instanceof PyObject) int = hex ? value.index() : value.toInt();
  if (int === undefined) {
    const wanted = hex ? 'an integer' : 'a real number';
    throw typeError(`%${kind} format: ${wanted} is required, not ${nameOfType(value)}`);
  }
  const magnitude = int < 0n ? -int : int;
  const base = kind === 'o' ? 8 : hex ? 16 : 10;
  let digits = base === 10 ? intText(magnitude) : magnitude.toString(base);
  if (precision !== null) digits = digits.padStart(precision, '0');
  const prefix = flags.includes('#') && hex ? (kind === 'o' ? '0o' : '0x') : '';
  const text = prefix + digits;
  return signed(int < 0n, flags) + (kind === 'X' ? text.toUpperCase() : text);
}

function float(value: Py, kind: string, flags: string, precision: number): string {
  let x: number | undefined;
  if (typeof value === 'number') x = value;
  else if (typeof value === 'bigint' || typeof value === 'boolean') x = Number(value);
  else if (value instanceof PyObject) x = value.toFloat();
  if (x === undefined) throw typeError(`must be real number, not ${nameOfType(value)}`);
  const sign = signed(x < 0 || Object.is(x, -0), flags);
  const alternate = flags.includes('#');
  const magnitude = Math.abs(x);
  let text: string;
  if (!Number.isFinite(magnitude)) text = Number.isNaN(magnitude) ? 'nan' : 'inf';
  else if (kind === 'f' || kind === 'F') text = pointed(fixed(magnitude, precision), alternate);
  else
    text =
      kind.toLowerCase() === 'e'
        ? scientific(magnitude, precision, alternate)
        : general(magnitude, precision, alternate);
  return sign + (kind === kind.toUpperCase() ? text.toUpperCase() : text);
}
