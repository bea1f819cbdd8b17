import { GraddError } from '../errors.ts';
import { type DType, isFloat, type Scalar } from '../tensor/dtype.ts';
import { numelOf, type Shape } from '../tensor/layout.ts';
import { type Formatter, formatterFor } from './formatter.ts';
import { defaultPrintOptions, type PrintOptions } from './options.ts';

/** What has to be known of a tensor to print it. */
export interface Printable {
  readonly dtype: DType;
  readonly shape: Shape;
  /** The element at that index in row-major order. */
  read(index: number): Scalar;
  /** The dtype that goes without saying. */
  readonly defaultDType: DType;
  /** The name of the node that made it (`MulBackward0`), or null. */
  readonly gradFn: string | null;
  readonly requiresGrad: boolean;
  /** Whether it is an `nn.Parameter`. */
  readonly parameter?: boolean;
}

/** The longest text of one tensor; a service does not build a longer one. */
export const maxPrintLength = 2 ** 20;

const tooLong = (length: string, limit: number): GraddError =>
  new GraddError('limit-exceeded', `the text of a tensor has ${length} characters, of at most ${limit}`);

/** `(2, 3)`, `(2,)`, `()`: `str(tuple(shape))`. */
const tupleText = (shape: Shape): string => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`);

/** `torch.Size([2, 3])`. */
export const sizeText = (shape: Shape): string => `torch.Size([${shape.join(', ')}])`;

/** `torch.float32`. */
export const dtypeText = (dtype: DType): string => `torch.${dtype}`;

/** The indices of a dimension that are shown; null is where the others were left out. */
type Shown = readonly (number | null)[];

function shownIndices(size: number, edge: number): Shown {
  if (size <= 2 * edge) return Array.from({ length: size }, (_, i) => i);
  const head = Array.from({ length: edge }, (_, i) => i);
  return [...head, null, ...head.map((i) => size - edge + i)];
}

/** Writes the nested brackets of a tensor that has elements. */
class Body {
  readonly shape: Shape;
  readonly strides: number[];
  readonly shown: Shown[];
  readonly values: Scalar[] = [];
  readonly options: PrintOptions;
  readonly limit: number;
  /** Where the next element is in `values`. */
  next = 0;
  length = 0;

  constructor(tensor: Printable, options: PrintOptions, limit: number) {
    this.shape = tensor.shape;
    this.options = options;
    this.limit = limit;
    const edge = numelOf(this.shape) > options.threshold ? options.edgeitems : Number.POSITIVE_INFINITY;
    const counts = this.shape.map((size) => Math.min(size, 2 * edge));
    if (3 * numelOf(counts) > limit) throw tooLong(`more than ${3 * numelOf(counts)}`, limit);
    this.shown = this.shape.map((size) => shownIndices(size, edge));
    this.strides = this.shape.map((_, d) => numelOf(this.shape.slice(d + 1)));
    this.gather(tensor, 0, 0);
  }

  /** Reads what is shown, in order, and nothing else. */
  private gather(tensor: Printable, dim: number, offset: number): void {
    if (dim === this.shape.length) {
      this.values.push(tensor.read(offset));
      return;
    }
    for (const index of this.shown[dim] as Shown) {
      if (index !== null) this.gather(tensor, dim + 1, offset + index * (this.strides[dim] as number));
    }
  }

  /** Takes note of characters that are about to be written. */
  private count(characters: number): void {
    this.length += characters;
    if (this.length > this.limit) throw tooLong(`more than ${this.limit}`, this.limit);
  }

  private element(formatter: Formatter): string {
    const text = formatter.format(this.values[this.next++] as Scalar);
    this.count(text.length);
    return text;
  }

  private joined(parts: readonly string[], joint: string): string {
    this.count((parts.length - 1) * joint.length + 2);
    return `[${parts.join(joint)}]`;
  }

  /** The innermost dimension, broken into lines. */
  private vector(formatter: Formatter, indent: number): string {
    const perLine = Math.max(1, Math.floor((this.options.linewidth - indent) / (formatter.width + 2)));
    // What stands for the elements left out is not set off where it stands alone.
    const gap = this.options.edgeitems === 0 ? '...' : ' ...';
    const items = (this.shown.at(-1) as Shown).map((index) =>
      index === null ? gap : this.element(formatter),
    );
    const lines: string[] = [];
    for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(', '));
    this.count(2 * (items.length - lines.length));
    return this.joined(lines, `,\n${' '.repeat(indent + 1)}`);
  }

  text(formatter: Formatter, dim: number, indent: number): string {
    const rest = this.shape.length - dim;
    if (rest === 0) return this.element(formatter);
    if (rest === 1) return this.vector(formatter, indent);
    const slices = (this.shown[dim] as Shown).map((index) =>
      index === null ? '...' : this.text(formatter, dim + 1, indent + 1),
    );
    return this.joined(slices, `,${'\n'.repeat(rest - 1)}${' '.repeat(indent + 1)}`);
  }
}

/** Appends `dtype=…`, `grad_fn=…` and so on, on a new line where the last one has no room. */
function withSuffixes(text: string, suffixes: readonly string[], indent: number, linewidth: number): string {
  let line = text.length - text.lastIndexOf('\n') + 1;
  let whole = text;
  for (const suffix of suffixes) {
    if (line + suffix.length + 2 > linewidth) {
      whole += `,\n${' '.repeat(indent)}${suffix}`;
      line = indent + suffix.length;
    } else {
      whole += `, ${suffix}`;
      line += suffix.length + 2;
    }
  }
  return `${whole})`;
}

function suffixesOf(tensor: Printable, empty: boolean, options: PrintOptions): string[] {
  const { dtype, defaultDType, shape } = tensor;
  const unsaid: readonly DType[] = empty ? [defaultDType] : [defaultDType, 'int64', 'bool'];
  const suffixes: string[] = [];
  if (empty ? shape.length !== 1 : options.edgeitems === 0) suffixes.push(`size=${tupleText(shape)}`);
  if (!unsaid.includes(dtype)) suffixes.push(`dtype=${dtypeText(dtype)}`);
  if (tensor.gradFn !== null) suffixes.push(`grad_fn=<${tensor.gradFn}>`);
  else if (tensor.requiresGrad) suffixes.push('requires_grad=True');
  return suffixes;
}

function bodyText(tensor: Printable, options: PrintOptions, limit: number, indent: number): string {
  const body = new Body(tensor, options, limit);
  const digits = isFloat(tensor.dtype) ? body.values.length * options.precision : 0;
  if (digits > limit) throw tooLong(`more than ${digits}`, limit);
  return body.text(formatterFor(body.values, isFloat(tensor.dtype), options), 0, indent);
}

/**
 * `str(tensor)` and `repr(tensor)`, letter for letter as PyTorch's `torch/_tensor_str.py`. Of a tensor that is
 * summarized only what is shown is read.
 *
 * @param limit the longest text of the elements
 * @throws GraddError `limit-exceeded` where the text would be longer
 */
export function tensorText(
  tensor: Printable,
  options: PrintOptions = defaultPrintOptions,
  limit: number = maxPrintLength,
): string {
  const prefix = 'tensor(';
  const empty = numelOf(tensor.shape) === 0;
  const body = empty ? '[]' : bodyText(tensor, options, limit, prefix.length);
  const suffixes = suffixesOf(tensor, empty, options);
  const text = withSuffixes(prefix + body, suffixes, prefix.length, options.linewidth);
  return tensor.parameter ? `Parameter containing:\n${text}` : text;
}
