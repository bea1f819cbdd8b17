import {
  type DType,
  exponential,
  fixed,
  floatRepr,
  GraddError,
  isFloat,
  maxPrintLength,
  type Scalar,
  type Shape,
} from '../../../engine/index.ts';

/** The parameters of `np.set_printoptions`. */
export interface ArrayPrintOptions {
  readonly precision: number;
  readonly threshold: number;
  readonly edgeitems: number;
  readonly linewidth: number;
  /** Never in scientific notation because of small numbers. */
  readonly suppress: boolean;
}

export const arrayPrintOptions: ArrayPrintOptions = {
  precision: 8,
  threshold: 1000,
  edgeitems: 3,
  linewidth: 75,
  suppress: false,
};

/** What has to be known of an array to print it. */
export interface PrintableArray {
  readonly dtype: DType;
  readonly shape: Shape;
  /** The element at that index in row-major order. */
  read(index: number): Scalar;
}

const negative = (x: number): string => (x < 0 || Object.is(x, -0) ? '-' : '');

/** The shortest digits that read back as the same number, `1.5e-3` as `['15', -3]`. */
function shortest(x: number, single: boolean): [digits: string, exponent: number] {
  let text = Math.abs(x).toExponential();
  for (let digits = 0; single && digits < 9; digits++) {
    const candidate = Math.abs(x).toExponential(digits);
    if (Math.fround(Number(candidate)) !== Math.abs(x)) continue;
    // JavaScript rounds a tie up, NumPy to the even digit.
    const even = exponential(Math.abs(x), digits);
    text = Math.fround(Number(even)) === Math.abs(x) ? even : candidate;
    break;
  }
  const [mantissa, power] = text.split('e') as [string, string];
  return [mantissa.replace('.', ''), Number(power)];
}

const trimmed = (fraction: string): string => fraction.replace(/0+$/, '');

/** `['12', '5']` of 12.5, with at most `precision` digits after the point. */
function positional(x: number, single: boolean, precision: number): [whole: string, fraction: string] {
  const [digits, exponent] = shortest(x, single);
  const decimals = digits.length - 1 - exponent;
  if (decimals > precision) {
    const [whole, fraction = ''] = fixed(x, precision).split('.') as [string, string?];
    return [whole, trimmed(fraction)];
  }
  if (exponent < 0) return [`${negative(x)}0`, trimmed('0'.repeat(-exponent - 1) + digits)];
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return [negative(x) + whole, trimmed(digits.slice(exponent + 1))];
}

/** `['1', '25', -3]` of 1.25e-3. */
function scientific(x: number, single: boolean, precision: number): [string, string, number] {
  const [digits, exponent] = shortest(x, single);
  if (digits.length - 1 <= precision) return [negative(x) + digits[0], trimmed(digits.slice(1)), exponent];
  const [whole, fraction, power] = rounded(x, precision);
  return [whole, trimmed(fraction), power];
}

/** As `scientific`; where the shortest digits are fewer than `digits` after the point, those of the exact value follow. */
function padded(x: number, single: boolean, precision: number, digits: number): [string, string, number] {
  const found = scientific(x, single, precision);
  return x === 0 || found[1].length >= digits ? found : rounded(x, digits);
}

function rounded(x: number, digits: number): [string, string, number] {
  const [mantissa, power] = exponential(Math.abs(x), Math.min(digits, 100)).split('e') as [string, string];
  return [negative(x) + mantissa[0], mantissa.slice(2), Number(power)];
}

const power = (exponent: number, width: number): string =>
  `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(width, '0')}`;

type Write = (value: Scalar) => string;

const widest = (texts: readonly string[]): number =>
  texts.reduce((width, text) => Math.max(width, text.length), 0);

function floatWriter(values: readonly number[], single: boolean, options: ArrayPrintOptions): Write {
  const finite = values.filter(Number.isFinite);
  const { precision } = options;
  let left = 0;
  let right = 0;
  let write: (value: number) => string = () => '';
  if (finite.length > 0 && wantsExponents(finite, single, options)) {
    const parts = finite.map((value) => scientific(value, single, precision));
    const digits = widest(parts.map(([, fraction]) => fraction));
    const size = Math.max(2, ...new Set(parts.map(([, , exponent]) => String(Math.abs(exponent)).length)));
    left = widest(parts.map(([whole]) => whole));
    right = size + 2 + digits;
    write = (value) => {
      const [whole, fraction, exponent] = padded(value, single, precision, digits);
      return `${whole.padStart(left)}.${fraction.padEnd(digits, '0')}${power(exponent, size)}`;
    };
  } else if (finite.length > 0) {
    const parts = finite.map((value) => positional(value, single, precision));
    left = widest(parts.map(([whole]) => whole));
    right = widest(parts.map(([, fraction]) => fraction));
    write = (value) => {
      const [whole, fraction] = positional(value, single, precision);
      return `${whole.padStart(left)}.${fraction.padEnd(right)}`;
    };
  }
  const special = (value: number): string => (Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf');
  const minus = values.includes(Number.NEGATIVE_INFINITY) ? 1 : 0;
  if (finite.length < values.length) left = Math.max(left, 3 - right - 1, 3 + minus - right - 1);
  const width = left + right + 1;
  return (value) =>
    Number.isFinite(value) ? write(value as number) : special(value as number).padStart(width);
}

/** Whether the magnitudes of these numbers ask for scientific notation. */
function wantsExponents(
  values: readonly number[],
  single: boolean,
  { suppress }: ArrayPrintOptions,
): boolean {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const value of values) {
    if (value === 0) continue;
    least = Math.min(least, Math.abs(value));
    most = Math.max(most, Math.abs(value));
  }
  if (most === 0) return false;
  const ratio = single ? Math.fround(most / least) : most / least;
  return most >= (single ? 1e6 : 1e8) || (!suppress && (least < 1e-4 || ratio > 1000));
}

const boolText = (value: Scalar): string => (value ? 'True' : 'False');

function writerFor(values: readonly Scalar[], dtype: DType, options: ArrayPrintOptions): Write {
  if (isFloat(dtype)) return floatWriter(values as readonly number[], dtype === 'float32', options);
  const text = dtype === 'bool' ? boolText : String;
  // A bool is as wide as False, also where all are True.
  const width = dtype === 'bool' ? 5 : widest(values.map(text));
  return (value) => text(value).padStart(width);
}

const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** The indices of a dimension that are shown; null where the others were left out. */
function shownOf(size: number, edge: number): readonly (number | null)[] {
  if (size <= 2 * edge) return Array.from({ length: size }, (_, i) => i);
  const head = Array.from({ length: edge }, (_, i) => i);
  return [...head, null, ...head.map((i) => size - edge + i)];
}

/** Writes the nested brackets of an array. */
class Body {
  private readonly array: PrintableArray;
  private readonly separator: string;
  private readonly shown: (readonly (number | null)[])[];
  private readonly strides: readonly number[];
  private readonly write: Write;
  private length = 0;

  constructor(array: PrintableArray, options: ArrayPrintOptions, separator: string) {
    const { shape } = array;
    this.array = array;
    this.separator = separator;
    const edge = sizeOf(shape) > options.threshold ? options.edgeitems : Number.POSITIVE_INFINITY;
    this.count(2 * sizeOf(shape.map((size) => Math.min(size, 2 * edge))));
    this.length = 0;
    this.shown = shape.map((size) => shownOf(size, edge));
    this.strides = shape.map((_, d) => sizeOf(shape.slice(d + 1)));
    const values: Scalar[] = [];
    this.gather(values, 0, 0);
    this.write = writerFor(values, array.dtype, options);
  }

  private count(characters: number): void {
    this.length += characters;
    if (this.length > maxPrintLength)
      throw new GraddError(
        'limit-exceeded',
        `the text of an array has more than ${maxPrintLength} characters`,
      );
  }

  /** Reads what is shown, and nothing else. */
  private gather(values: Scalar[], dim: number, offset: number): void {
    if (dim === this.array.shape.length) {
      values.push(this.array.read(offset));
      return;
    }
    for (const index of this.shown[dim] as readonly (number | null)[])
      if (index !== null) this.gather(values, dim + 1, offset + index * (this.strides[dim] as number));
  }

  text(dim: number, offset: number, indent: string, width: number): string {
    const rest = this.array.shape.length - dim;
    const shown = this.shown[dim] as readonly (number | null)[];
    const stride = this.strides[dim] as number;
    if (rest === 1) return this.row(shown, offset, indent, width);
    const joint = `${this.separator.trimEnd() + '\n'.repeat(rest - 1) + indent} `;
    const parts = shown.map((index) =>
      index === null ? '...' : this.text(dim + 1, offset + index * stride, `${indent} `, width - 1),
    );
    this.count(joint.length * parts.length);
    return `[${parts.join(joint)}]`;
  }

  /** The innermost dimension, broken into lines. */
  private row(shown: readonly (number | null)[], offset: number, indent: string, width: number): string {
    const { separator } = this;
    const hanging = `${indent} `;
    const most = width - Math.max(separator.trimEnd().length, 1);
    let text = '';
    let line = hanging;
    shown.forEach((index, i) => {
      const word = index === null ? '...' : this.write(this.array.read(offset + index));
      if (line.length + word.length > most && line.length > hanging.length) {
        text += `${line.trimEnd()}\n`;
        line = hanging;
      }
      line += word;
      if (i < shown.length - 1) line += separator;
      this.count(word.length + separator.length);
    });
    return `[${(text + line).slice(hanging.length)}]`;
  }
}

/** The elements of an array between brackets; `prefix` and `suffix` are what stands around them. */
function bodyText(
  array: PrintableArray,
  options: ArrayPrintOptions,
  separator: string,
  prefix: string,
  suffix: string,
): string {
  if (array.shape.length === 0) return writerFor([array.read(0)], array.dtype, options)(array.read(0)).trim();
  if (sizeOf(array.shape) === 0) return '[]';
  const width = options.linewidth - suffix.length;
  return new Body(array, options, separator).text(0, 0, ' '.repeat(prefix.length), width);
}

/** `str(scalar)`. */
export function scalarText(value: Scalar, dtype: DType): string {
  if (typeof value === 'boolean') return boolText(value);
  if (typeof value === 'bigint') return value.toString();
  if (dtype !== 'float32' || !Number.isFinite(value)) return floatRepr(value);
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e6)) {
    const [whole, fraction] = positional(value, true, Number.POSITIVE_INFINITY);
    return `${whole}.${fraction || '0'}`;
  }
  const [whole, fraction, exponent] = scientific(value, true, Number.POSITIVE_INFINITY);
  return `${whole}${fraction === '' ? '' : `.${fraction}`}${power(exponent, 2)}`;
}

/** `repr(scalar)`: `np.float64(1.5)`. */
export const scalarReprText = (value: Scalar, dtype: DType): string =>
  typeof value === 'boolean' ? `np.${boolText(value)}_` : `np.${dtype}(${scalarText(value, dtype)})`;

/** `str(array)`. */
export const arrayText = (array: PrintableArray, options: ArrayPrintOptions): string =>
  array.shape.length === 0 ? scalarText(array.read(0), array.dtype) : bodyText(array, options, ' ', '', '');

const tupleText = (shape: Shape): string => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`);

/** `repr(array)`, letter for letter as NumPy's `arrayprint.py`. */
export function arrayReprText(array: PrintableArray, options: ArrayPrintOptions): string {
  const { shape, dtype } = array;
  const prefix = 'array(';
  const size = sizeOf(shape);
  const body = bodyText(array, options, ', ', prefix, ')');
  const extras: string[] = [];
  if ((size === 0 && shape.length !== 1) || size > options.threshold)
    extras.push(`shape=${tupleText(shape)}`);
  if (dtype === 'float32' || dtype === 'int32' || size === 0) extras.push(`dtype=${dtype}`);
  if (extras.length === 0) return `${prefix}${body})`;
  const text = `${prefix}${body},`;
  const extra = `${extras.join(', ')})`;
  const last = text.length - (text.lastIndexOf('\n') + 1);
  const gap = last + extra.length + 1 > options.linewidth ? `\n${' '.repeat(prefix.length)}` : ' ';
  return text + gap + extra;
}
