import { GraddError } from '../errors.ts';
import type { DType } from '../tensor/dtype.ts';
import { notImplementedFor } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { product } from './fold.ts';
import type { Runtime } from './runtime.ts';

const INT_MAX = 2 ** 31 - 1;
const numerals = ['', 'one int', 'two ints', 'three ints'];

/** A pool as its operations are given it: one number, or one for each dimension. */
export interface PoolArgs {
  kernel_size: number[];
  stride: number[] | null;
  padding: number[];
  dilation?: number[];
  ceil_mode: boolean;
}

/** A pool over the last dimensions of a tensor, one entry for each of them. */
export interface Pool {
  readonly sizes: number[];
  readonly kernel: number[];
  readonly stride: number[];
  readonly pad: number[];
  readonly dilation: number[];
  readonly out: number[];
}

export const invalid = (message: string): GraddError => new GraddError('invalid-argument', message);
export const misshapen = (message: string): GraddError => new GraddError('shape-mismatch', message);

export const list = (sizes: Shape): string => `[${sizes.join(', ')}]`;

/** Throws where a dtype has no kernel in PyTorch. */
export function needDType(name: string, self: Value, dtypes: readonly DType[]): void {
  if (!dtypes.includes(self.dtype)) notImplementedFor(name, self.dtype);
}

export const floats: readonly DType[] = ['float64', 'float32'];

function fits(values: readonly number[]): void {
  if (values.every((value) => Math.abs(value) <= INT_MAX)) return;
  throw invalid('value cannot be converted to type int without overflow');
}

/** One number for each of `n` dimensions. */
function each(values: number[], n: number, complaint: string): number[] {
  if (values.length !== 1 && values.length !== n) throw invalid(complaint);
  fits(values);
  return values.length === n ? values : Array.from({ length: n }, () => values[0] as number);
}

/** PyTorch's ways of saying that there are too many or too few numbers. */
export type Wording = 'max' | 'avg2' | 'avg3' | 'one';

function complaint(name: string, what: string, n: number, wording: Wording, count: number): string {
  if (wording === 'one') return `${name}() argument '${what}' should contain one int (got ${count})`;
  const either = wording === 'avg3' ? '' : 'either ';
  const omitted = what === 'stride' ? 'omitted, ' : '';
  const must = what === 'dilation' ? `must be ${either}` : `must ${either}be ${omitted}`;
  return `${name}: ${what} ${must}a single int, or a tuple of ${numerals[n]}`;
}

function outputSize(
  size: number,
  k: number,
  pad: number,
  stride: number,
  dilation: number,
  ceil: boolean,
): number {
  if (stride === 0) throw invalid('stride should not be zero');
  if (pad < 0) throw invalid(`pad must be non-negative, but got pad: ${pad}`);
  if (pad > Math.trunc(((k - 1) * dilation + 1) / 2)) {
    throw invalid(
      `pad should be at most half of effective kernel size, but got pad=${pad}, kernel_size=${k} and dilation=${dilation}`,
    );
  }
  const room = size + 2 * pad - dilation * (k - 1) - 1 + (ceil ? stride - 1 : 0);
  const n = Math.floor(room / stride) + 1;
  return ceil && (n - 1) * stride >= size + pad ? n - 1 : n;
}

const letters = ['T', 'H', 'W'];

/** `kH: 2 kW: 2` */
const named = (prefix: string, values: readonly number[]): string =>
  values.map((value, i) => `${prefix}${letters[3 - values.length + i]}: ${value}`).join(' ');

function needPositive({ kernel, stride, dilation }: Pool): void {
  if (kernel.some((k) => k <= 0)) {
    throw invalid(`kernel size should be greater than zero, but got ${named('k', kernel)}`);
  }
  if (stride.some((s) => s <= 0)) {
    throw invalid(`stride should be greater than zero, but got ${named('d', stride)}`);
  }
  if (dilation.some((d) => d <= 0)) {
    throw invalid(`dilation should be greater than zero, but got ${named('dilation', dilation)}`);
  }
}

/** Only the batch may be empty. */
function needElements(name: string, shape: Shape, n: number): void {
  const from = shape.length === n + 2 ? 1 : 0;
  if (shape.length > n && shape.length <= n + 2 && !shape.slice(from).includes(0)) return;
  if (n === 2) {
    const what = 'Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:';
    throw misshapen(what + list(shape));
  }
  const where = `input has a shape of ${list(shape)} and non-batch dimension 0 has length zero!`;
  throw misshapen(`${name}(): Expected input's non-batch dimensions to have positive length, but ${where}`);
}

function needHalf({ kernel, pad }: Pool): void {
  if (kernel.every((k, i) => Math.trunc(k / 2) >= (pad[i] as number))) return;
  const what = 'pad should be smaller than or equal to half of kernel size, but got ';
  const pairs = (prefix: string, values: readonly number[], order: readonly number[], sign: string) =>
    order.map((i) => `${prefix}${letters[3 - values.length + i]}${sign}${values[i]}`);
  if (kernel.length === 2) {
    throw invalid(
      what + [...pairs('pad', pad, [1, 0], ' = '), ...pairs('k', kernel, [1, 0], ' = ')].join(', '),
    );
  }
  throw invalid(
    what + [...pairs('k', kernel, [0, 2, 1], ': '), ...pairs('pad', pad, [0, 2, 1], ': ')].join(' '),
  );
}

function needRoom(name: string, shape: Shape, pool: Pool): void {
  const { sizes, kernel, out } = pool;
  if (name === 'avg_pool3d' && sizes.some((size, i) => size < (kernel[i] as number))) {
    throw misshapen(`input image (${named('', sizes)}) smaller than kernel size (${named('k', kernel)})`);
  }
  needHalf(pool);
  if (out.every((size) => size >= 1)) return;
  const planes = shape[shape.length - sizes.length - 1];
  const text = (dims: readonly number[]) => [planes, ...dims].join('x');
  throw misshapen(
    `Given input size: (${text(sizes)}). Calculated output size: (${text(out)}). Output size is too small`,
  );
}

/** Elements that the windows of one pool may have in all: a second's work or a few. */
const MAX_WORK = 2 ** 32;

/** Throws where windows overlap so much that a pool would block for long, although its result is small. */
export function checkWork(shape: Shape, out: readonly number[], kernel: readonly number[]): void {
  const sizes = shape.slice(shape.length - out.length);
  const window = product(kernel.map((k, i) => Math.min(k, sizes[i] as number)));
  const work = product(shape.slice(0, shape.length - out.length)) * product(out) * window;
  if (work <= MAX_WORK) return;
  throw new GraddError(
    'limit-exceeded',
    `The windows of the pool have ${work} elements in all, which exceeds the limit of ${MAX_WORK}`,
  );
}

/** The geometry of a pool over the last `n` dimensions, with every complaint about it. */
export function poolOf(
  name: string,
  n: number,
  args: PoolArgs,
  shape: Shape,
  wording: Wording,
  inner = name,
): Pool {
  const take = (what: 'kernel_size' | 'padding' | 'dilation', fallback: number[]) => {
    const values = args[what] ?? fallback;
    return each(values, n, complaint(name, what, n, wording, values.length));
  };
  const kernel = take('kernel_size', []);
  const given = args.stride === null || args.stride.length === 0 ? kernel : args.stride;
  const stride = each(given, n, complaint(name, 'stride', n, wording, given.length));
  const pad = take('padding', []);
  const dilation = take('dilation', [1]);
  if (shape.length < n + 1 || shape.length > n + 2) needElements(inner, shape, n);
  const sizes = shape.slice(shape.length - n);
  const out = sizes.map((size, i) =>
    outputSize(
      size,
      kernel[i] as number,
      pad[i] as number,
      stride[i] as number,
      dilation[i] as number,
      args.ceil_mode,
    ),
  );
  const pool = { sizes, kernel, stride, pad, dilation, out };
  needPositive(pool);
  needElements(inner, shape, n);
  needRoom(name, shape, pool);
  checkWork(shape, out, kernel);
  return pool;
}

/** The shape with its last dimensions replaced. */
export const withSpatial = (shape: Shape, out: readonly number[]): Shape => [
  ...shape.slice(0, shape.length - out.length),
  ...out,
];

/** Three numbers: leading ones for dimensions that are not there. */
export const three = (values: readonly number[], fill = 1): number[] => [
  ...Array.from({ length: 3 - values.length }, () => fill),
  ...values,
];

/** The product of the dimensions before the last `n`. */
export const planesOf = (shape: Shape, n: number): number => product(shape.slice(0, shape.length - n));

/** Windows of every output along three dimensions, where the kernels read them. */
export interface Windows {
  readonly ptr: number;
  readonly sizes: number[];
  readonly out: number[];
  readonly step: number[];
}

const TRIPLE = 12;

function tables(rt: Runtime, out: readonly number[], fill: (ptr: number, dim: number) => void): number {
  const { ptr } = rt.empty('int32', [3 * out.reduce((a, b) => a + b, 0)]);
  let at = ptr;
  out.forEach((n, dim) => {
    fill(at, dim);
    at += n * TRIPLE;
  });
  return ptr;
}

export function poolWindows(rt: Runtime, pool: Pool, counted: boolean): Windows {
  const [sizes, out, kernel, stride] = [pool.sizes, pool.out, pool.kernel, pool.stride].map((v) =>
    three(v),
  ) as [number[], number[], number[], number[]];
  const [pad, step] = [three(pool.pad, 0), three(pool.dilation)];
  const args = [out, sizes, kernel, stride, pad, step];
  const ptr = tables(rt, out, (at, dim) =>
    rt.kernel('pool_windows_i32')(at, ...args.map((values) => values[dim] as number), Number(counted)),
  );
  return { ptr, sizes, out, step };
}

/** Windows that cover each dimension evenly. */
export function adaptiveWindows(rt: Runtime, shape: Shape, outputs: readonly number[]): Windows {
  const sizes = three(shape.slice(shape.length - outputs.length));
  const out = three(outputs);
  const ptr = tables(rt, out, (at, dim) =>
    rt.kernel('adaptive_windows_i32')(at, out[dim] as number, sizes[dim] as number),
  );
  return { ptr, sizes, out, step: [1, 1, 1] };
}

/** Runs the kernel of maxima; `pitch` is the distance of the planes' windows in bytes where each has its own. */
export function runMax(
  rt: Runtime,
  self: Tensor,
  windows: Windows,
  planes: number,
  [out, indices]: readonly Tensor[],
  pitch = 0,
): void {
  const { ptr, sizes, out: outputs, step } = windows;
  const x = rt.contiguous(self).ptr;
  const [values, places] = [(out as Tensor).ptr, (indices as Tensor).ptr];
  rt.kernelFor('max_pool', self.dtype)(values, places, x, ptr, pitch, planes, ...sizes, ...outputs, ...step);
}

/** Runs a kernel of averages, or of their gradients. */
export function runAverage(
  rt: Runtime,
  kernel: 'avg_pool' | 'avg_pool_backward',
  from: Tensor,
  windows: Windows,
  planes: number,
  divisor: number,
  out: Tensor,
): void {
  const x = rt.contiguous(from).ptr;
  const { ptr, sizes, out: outputs } = windows;
  rt.kernelFor(kernel, from.dtype)(out.ptr, x, ptr, planes, ...sizes, ...outputs, divisor);
}
