import {
  type DType,
  dtypes,
  GraddError,
  isFloat,
  type Path,
  type Runtime,
  type Shape,
  type Tensor,
} from '../engine/index.ts';
import { Faults } from './faults.ts';

/** A tensor of a request, in the arena. */
export interface ParsedTensor {
  tensor: Tensor;
  requiresGrad: boolean;
}

export interface WireOptions {
  /** The dtype of numbers without one. */
  dtype: DType;
  maxDepth: number;
  /** Whether floating-point tensors require grad unless they say otherwise. */
  leaf: boolean;
}

const nonFinite = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

export const bytesOf: Record<DType, 1 | 4 | 8> = { float64: 8, float32: 4, int64: 8, int32: 4, bool: 1 };

const invalid = (path: Path, message: string): GraddError =>
  new GraddError('invalid-request', message, { path });

const bad = (path: Path, message: string): never => {
  throw invalid(path, message);
};

type TensorObject = Partial<Record<'data' | 'dtype' | 'shape' | 'requires_grad', unknown>>;

const fields: ReadonlySet<string> = new Set(['data', 'dtype', 'shape', 'requires_grad']);

/** Reads a tensor of a request into the arena. Faults point at the element. */
export function parseTensor(rt: Runtime, json: unknown, path: Path, options: WireOptions): ParsedTensor {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    const tensor = parseNested(rt, json, null, null, path, options);
    return { tensor, requiresGrad: options.leaf && isFloat(tensor.dtype) };
  }
  return parseObject(rt, json as TensorObject, path, options);
}

function parseObject(rt: Runtime, json: TensorObject, path: Path, options: WireOptions): ParsedTensor {
  const faults = new Faults();
  const read = <T>(field: keyof TensorObject, parse: (value: unknown, path: Path) => T): T | null => {
    try {
      return json[field] === undefined ? null : parse(json[field], [...path, field]);
    } catch (error) {
      faults.add(error);
      return null;
    }
  };
  for (const key of Object.keys(json))
    if (!fields.has(key)) faults.add(invalid([...path, key], `Unrecognized key: "${key}"`));
  const dtype = read('dtype', dtypeOf);
  const shape = read('shape', (value, at) => shapeOf(value, at, options.maxDepth));
  const requiresGrad = read('requires_grad', flagOf);
  if (!Object.hasOwn(json, 'data')) faults.add(invalid(path, 'A tensor object needs "data"'));
  if (faults.found) throw faults.joined();
  const at = [...path, 'data'];
  const tensor =
    typeof json.data === 'string' && shape !== null && !nonFinite.has(json.data)
      ? parseBinary(rt, json.data, dtype, shape, at)
      : parseNested(rt, json.data, dtype, shape, at, options);
  if (requiresGrad === true && !isFloat(tensor.dtype)) {
    throw new GraddError('not-differentiable', 'only Tensors of floating point dtype can require gradients', {
      path: [...path, 'requires_grad'],
    });
  }
  return { tensor, requiresGrad: (requiresGrad ?? options.leaf) && isFloat(tensor.dtype) };
}

function dtypeOf(value: unknown, path: Path): DType {
  if ((dtypes as readonly unknown[]).includes(value)) return value as DType;
  return bad(path, `dtype must be one of ${dtypes.join(', ')}`);
}

const flagOf = (value: unknown, path: Path): boolean =>
  typeof value === 'boolean' ? value : bad(path, 'requires_grad must be a boolean');

function shapeOf(value: unknown, path: Path, maxDepth: number): number[] {
  if (!Array.isArray(value)) return bad(path, 'shape must be an array of sizes');
  if (value.length > maxDepth) tooDeep(path, maxDepth);
  value.forEach((size, i) => {
    if (!Number.isSafeInteger(size) || size < 0)
      bad([...path, i], 'a size must be a whole number that is not negative');
  });
  return value as number[];
}

function tooDeep(path: Path, maxDepth: number): never {
  const message = `The data is nested deeper than the limit of ${maxDepth} (MAX_DEPTH)`;
  throw new GraddError('limit-exceeded', message, { path });
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function parseBinary(rt: Runtime, text: string, dtype: DType | null, shape: number[], path: Path): Tensor {
  if (dtype === null) return bad(path, 'Binary data needs "dtype"');
  const tensor = rt.empty(dtype, shape);
  const size = tensor.numel * bytesOf[dtype];
  const expected = 4 * Math.ceil(size / 3);
  const wrong = `data must be the base64 text of ${size} bytes (${expected} characters)`;
  if (text.length !== expected) return bad(path, wrong);
  const bytes = Buffer.from(rt.arena.u8.buffer, tensor.ptr, size);
  const count = bytes.write(text, 'base64');
  // To encode again and compare takes a twentieth of the time that it takes to look at each character.
  if (bytes.toString('base64') !== text && !validBase64(text)) return bad(path, wrong);
  if (count !== size) return bad(path, `data has ${count} bytes where the shape needs ${size}`);
  if (dtype === 'bool' && bytes.some((byte) => byte > 1))
    return bad(path, 'bytes of a bool tensor must be 0 or 1');
  return tensor;
}

/** In pieces, since a regular expression over millions of characters may exhaust the stack. */
function validBase64(text: string): boolean {
  const PIECE = 65536;
  for (let at = 0; at < text.length; at += PIECE) {
    const piece = text.slice(at, at + PIECE);
    if (!BASE64.test(piece) || (at + PIECE < text.length && piece.endsWith('='))) return false;
  }
  return true;
}

/** The shape of nested arrays, read along the first elements. */
function nestedShape(data: unknown, path: Path, maxDepth: number): { shape: number[]; first: unknown } {
  const shape: number[] = [];
  let first = data;
  while (Array.isArray(first)) {
    if (shape.length >= maxDepth) tooDeep(path, maxDepth);
    shape.push(first.length);
    first = first[0];
  }
  return { shape, first };
}

function parseNested(
  rt: Runtime,
  data: unknown,
  dtype: DType | null,
  shape: number[] | null,
  path: Path,
  options: WireOptions,
): Tensor {
  const nested = nestedShape(data, path, options.maxDepth);
  const kind = dtype ?? (typeof nested.first === 'boolean' ? 'bool' : options.dtype);
  const sizes = shape ?? nested.shape;
  const numel = nested.shape.reduce((a, b) => a * b, 1);
  if (shape !== null && !fits(shape, nested.shape, numel)) {
    bad(path, `data of shape [${nested.shape.join(', ')}] contradicts shape [${shape.join(', ')}]`);
  }
  const tensor = rt.empty(kind, sizes);
  const writer = new Writer(rt, tensor, kind, path);
  if (nested.shape.length === 0) writer.row([data], []);
  else writer.fill(data as unknown[], nested.shape);
  if (writer.faults.found) throw writer.faults.joined();
  return tensor;
}

/** Nested data must have the very shape; flat data its number of elements. */
function fits(shape: Shape, found: Shape, numel: number): boolean {
  if (found.length === shape.length && found.every((size, i) => size === shape[i])) return true;
  return found.length === 1 && shape.reduce((a, b) => a * b, 1) === numel;
}

const TWO32 = 2 ** 32;
const INT32_MAX = 2 ** 31 - 1;
const INT64_MAX = 2n ** 63n - 1n;

/** Writes the rows of nested data one after the other. */
class Writer {
  private at: number;
  private readonly rt: Runtime;
  private readonly dtype: DType;
  private readonly path: Path;
  readonly faults = new Faults();

  constructor(rt: Runtime, tensor: Tensor, dtype: DType, path: Path) {
    this.rt = rt;
    this.dtype = dtype;
    this.path = path;
    this.at = tensor.ptr;
  }

  /** Walks nested arrays with a stack of its own: the depth is the client's. */
  fill(data: unknown[], shape: Shape): void {
    const depth = shape.length - 1;
    const arrays: unknown[][] = [data];
    const places: number[] = [0];
    while (arrays.length > 0) {
      const level = arrays.length - 1;
      const array = arrays[level] as unknown[];
      if (level === depth) {
        this.row(array, places, level);
        arrays.pop();
        places.pop();
        continue;
      }
      const i = places[level] as number;
      if (i === array.length) {
        arrays.pop();
        places.pop();
        continue;
      }
      places[level] = i + 1;
      const child = array[i];
      if (Array.isArray(child) && child.length === shape[level + 1]) {
        arrays.push(child);
        places.push(0);
      } else this.ragged(child, shape, level + 1, places);
    }
  }

  /** `places` holds one more than the index at each level, as the walk has moved on. */
  private ragged(value: unknown, shape: Shape, level: number, places: readonly number[]): void {
    const found = Array.isArray(value) ? ` (got ${value.length})` : '';
    const message = `expected sequence of length ${shape[level]} at dim ${level}${found}`;
    this.faults.add(invalid([...this.path, ...places.map((i) => i - 1)], message));
  }

  /** One innermost row at a level, -1 for a scalar; `places` holds one more than the index at each level above. */
  row(values: readonly unknown[], places: readonly number[], level = -1): void {
    let failed = this.write(values, 0);
    while (failed >= 0) {
      const place = level < 0 ? [] : [...places.slice(0, level).map((i) => i - 1), failed];
      this.faults.add(invalid([...this.path, ...place], this.complaint(values[failed])));
      failed = this.write(values, failed + 1);
    }
    this.at += values.length * bytesOf[this.dtype];
  }

  /** Writes values from an index on; the index of the first that cannot be written, or -1. */
  private write(values: readonly unknown[], from: number): number {
    const { arena } = this.rt;
    if (this.dtype === 'float64') return writeFloats(arena.f64, this.at >>> 3, values, from);
    if (this.dtype === 'float32') return writeFloats(arena.f32, this.at >>> 2, values, from);
    for (let i = from; i < values.length; i++) if (!this.writeOne(i, values[i])) return i;
    return -1;
  }

  private writeOne(i: number, value: unknown): boolean {
    const { arena } = this.rt;
    if (this.dtype === 'int64') return this.writeInt64((this.at >>> 3) + i, value);
    if (this.dtype === 'bool') {
      arena.u8[this.at + i] = value === true ? 1 : 0;
      return typeof value === 'boolean';
    }
    // Written unseen, an object would be asked for its number by its own toString.
    if (!Number.isInteger(value)) return false;
    arena.i32[(this.at >>> 2) + i] = value as number;
    return (value as number) <= INT32_MAX && (value as number) >= -INT32_MAX - 1;
  }

  private writeInt64(index: number, value: unknown): boolean {
    const { arena } = this.rt;
    if (Number.isSafeInteger(value)) {
      const high = Math.floor((value as number) / TWO32);
      arena.i32[2 * index] = (value as number) - high * TWO32;
      arena.i32[2 * index + 1] = high;
      return true;
    }
    if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) return false;
    const whole = BigInt(value);
    arena.i64[index] = whole;
    return whole <= INT64_MAX && whole >= -INT64_MAX - 1n;
  }

  private complaint(value: unknown): string {
    const { dtype } = this;
    if (Array.isArray(value)) return 'expected a number, got an array: the data must be rectangular';
    if (typeof value === 'boolean') return `a boolean in a tensor of ${dtype}`;
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) return 'the number is too large for a double';
      if (dtype === 'bool') return 'a number in a tensor of bool';
      return Number.isInteger(value)
        ? `the number is out of range for ${dtype}`
        : `a fraction in a tensor of ${dtype}`;
    }
    const found =
      value === null ? 'null' : typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : 'an object';
    return `expected ${dtype === 'bool' ? 'a boolean' : 'a number'}, got ${found}`;
  }
}

function writeFloats(
  view: Float64Array | Float32Array,
  start: number,
  values: readonly unknown[],
  from: number,
): number {
  for (let i = from; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number' && value - value === 0) view[start + i] = value;
    else {
      const special = nonFinite.get(value);
      if (special === undefined) return i;
      view[start + i] = special;
    }
  }
  return -1;
}

export type Encoding = 'plain' | 'tensor' | 'base64';

/** A tensor as JSON text in the encoding that the request asks for. */
export function tensorText(rt: Runtime, tensor: Tensor, encoding: Encoding): string {
  if (encoding === 'plain') return dataText(rt, tensor);
  const head = `{"dtype":"${tensor.dtype}","shape":[${tensor.shape.join(',')}],"data":`;
  return `${head}${encoding === 'tensor' ? dataText(rt, tensor) : `"${base64Of(rt, tensor)}"`}}`;
}

/** The least bytes that `tensorText` gives, known before it does: a sign and a comma an element, and the brackets. */
export function leastBytes(
  { shape, numel, dtype }: Pick<Tensor, 'shape' | 'numel' | 'dtype'>,
  encoding: Encoding,
): number {
  if (encoding === 'base64') return Math.ceil((numel * bytesOf[dtype] * 4) / 3);
  let [lists, total] = [1, 2 * numel];
  for (const size of shape.slice(0, -1)) {
    lists *= size;
    total += 3 * lists;
  }
  return total;
}

function base64Of(rt: Runtime, tensor: Tensor): string {
  const { ptr, numel, dtype } = rt.contiguous(tensor);
  const { buffer } = rt.arena.u8;
  return Buffer.from(buffer, ptr, numel * bytesOf[dtype]).toString('base64');
}

const wordOf = (value: number): number | string => (value - value === 0 ? value : String(value));

function dataText(rt: Runtime, tensor: Tensor): string {
  if (tensor.ndim === 0) return scalarText(rt, tensor);
  const flat = elementsOf(rt, rt.contiguous(tensor));
  if (tensor.ndim === 1) return JSON.stringify(flat);
  checkNesting(rt, tensor.shape);
  return JSON.stringify(nest(flat, tensor.shape));
}

/** A tensor without elements may still be written as more arrays than there is room for. */
function checkNesting({ limits }: Runtime, shape: Shape): void {
  const empty = shape.indexOf(0);
  if (empty < 0) return;
  const arrays = shape.slice(0, empty).reduce((a, b) => a * b, 1);
  if (arrays <= limits.maxElements) return;
  const message = `A tensor of shape [${shape.join(', ')}] is ${arrays} nested arrays; the limit is ${limits.maxElements} (MAX_ELEMENTS)`;
  throw new GraddError('limit-exceeded', message, { hint: 'base64 has no nested arrays' });
}

function scalarText(rt: Runtime, tensor: Tensor): string {
  const value = rt.item(tensor);
  if (typeof value === 'bigint') return JSON.stringify(int64Word(value));
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '0' : `${value}`;
}

/** The elements as JSON values: what JSON has no number for becomes a string. */
function elementsOf(rt: Runtime, { ptr, numel, dtype }: Tensor): (number | string | boolean)[] {
  const { arena } = rt;
  if (dtype === 'float64') return floatsOf(arena.f64, ptr >>> 3, numel);
  if (dtype === 'float32') return floatsOf(arena.f32, ptr >>> 2, numel);
  if (dtype === 'int32') return Array.from(arena.i32.subarray(ptr >>> 2, (ptr >>> 2) + numel));
  if (dtype === 'bool') return Array.from(arena.u8.subarray(ptr, ptr + numel), (byte) => byte !== 0);
  return Array.from(arena.i64.subarray(ptr >>> 3, (ptr >>> 3) + numel), int64Word);
}

/** Only numbers as long as that is possible: such arrays are kept unboxed, and printed twice as fast. */
function floatsOf(view: Float64Array | Float32Array, start: number, numel: number): (number | string)[] {
  const numbers: number[] = [];
  for (let i = 0; i < numel; i++) {
    const value = view[start + i] as number;
    if (value - value !== 0) return Array.from(view.subarray(start, start + numel), wordOf);
    numbers.push(value);
  }
  return numbers;
}

function int64Word(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Flat elements grouped into nested arrays, from the inside out. */
function nest(flat: unknown[], shape: Shape): unknown[] {
  let level: unknown[] = flat;
  for (let d = shape.length - 1; d > 0; d--) {
    const size = shape[d] as number;
    const count = shape.slice(0, d).reduce((a, b) => a * b, 1);
    const inner = level;
    level = Array.from({ length: count }, (_, i) => inner.slice(i * size, (i + 1) * size));
  }
  return level;
}
