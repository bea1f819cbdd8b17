import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';

/** The arguments that all forms of a convolution share. */
export interface Settings {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly transposed: boolean;
  readonly output_padding: readonly number[];
  readonly groups: number;
}

const list = (shape: Shape): string => `[${shape.join(', ')}]`;
const by = (shape: Shape): string => shape.join(' x ');

function complain(message: string): never {
  throw new GraddError('shape-mismatch', message);
}

function refuse(message: string): never {
  throw new GraddError('invalid-argument', message);
}

/** One number for each of `dims` dimensions. */
function perDimension(name: string, values: readonly number[], dims: number): readonly number[] {
  if (values.length === dims) return values;
  if (values.length === 1) return new Array<number>(dims).fill(values[0] as number);
  return refuse(
    `expected ${name} to be a single integer value or a list of ${dims} values to match the convolution dimensions, ` +
      `but got ${name}=${list(values)}`,
  );
}

/** The settings with one number for each dimension. */
export function expandSettings(settings: Settings, dims: number): Settings {
  return {
    ...settings,
    stride: perDimension('stride', settings.stride, dims),
    padding: perDimension('padding', settings.padding, dims),
    dilation: perDimension('dilation', settings.dilation, dims),
    output_padding: perDimension('output_padding', settings.output_padding, dims),
  };
}

function checkSettings({ stride, padding, dilation, output_padding }: Settings): void {
  if (padding.some((n) => n < 0)) refuse('negative padding is not supported');
  if (output_padding.some((n) => n < 0)) refuse('negative output_padding is not supported');
  if (stride.some((n) => n <= 0)) refuse('non-positive stride is not supported');
  if (dilation.some((n) => n < 0)) refuse('dilation should be greater than zero');
}

function checkWeight(input: Value, weight: Shape, { groups, transposed }: Settings): void {
  const size = weight[0] as number;
  if (input.ndim !== weight.length) {
    complain(
      `Expected ${weight.length}-dimensional input for ${weight.length}-dimensional weight ${list(weight)}, but got ` +
        `${input.ndim}-dimensional input of size ${list(input.shape)} instead`,
    );
  }
  if (size < groups) {
    complain(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${list(weight)} instead`,
    );
  }
  if (size % groups !== 0) {
    complain(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size ` +
        `[${list(weight)}] instead`,
    );
  }
  const channels = transposed ? size : (weight[1] as number) * groups;
  if (input.shape[1] === channels) return;
  complain(
    `Given ${transposed ? 'transposed=1' : `groups=${groups}`}, weight of size ${list(weight)}, expected input` +
      `${list(input.shape)} to have ${channels} channels, but got ${input.shape[1]} channels instead`,
  );
}

function checkBias(bias: Value | null, weight: Shape, { groups, transposed }: Settings): void {
  const size = transposed ? (weight[1] as number) * groups : (weight[0] as number);
  if (bias === null || (bias.ndim === 1 && bias.shape[0] === size)) return;
  complain(
    `Given ${transposed ? 'transposed=1, ' : ''}weight of size ${list(weight)}, expected bias to be 1-dimensional with ` +
      `${size} elements, but got bias of size ${list(bias.shape)} instead`,
  );
}

function checkKernelFits(input: Value, weight: Shape, { padding, dilation }: Settings): void {
  const sizes = input.shape.slice(2).map((n, i) => n + 2 * (padding[i] as number));
  const kernel = weight.slice(2).map((n, i) => (dilation[i] as number) * (n - 1) + 1);
  if (sizes.every((n, i) => n >= (kernel[i] as number))) return;
  complain(
    `Calculated padded input size per channel: (${by(sizes)}). Kernel size: (${by(kernel)}). Kernel size can't be greater than actual input size`,
  );
}

const named = (names: readonly string[], what: string, values: readonly number[]): string =>
  names
    .slice(-values.length)
    .map((name, i) => `${what}_${name}: ${values[i]}`)
    .join(' ');

/** At least two dimensions: what PyTorch's kernels for one see. */
const plane = (values: readonly number[], one: number): readonly number[] =>
  values.length === 1 ? [one, ...values] : values;

const AXES = ['depth', 'height', 'width'];

function checkKernel(weight: Shape, { transposed, dilation }: Settings): void {
  const kernel = weight.slice(2);
  const empty = kernel.includes(0);
  if (transposed && kernel.length === 3 && (empty || weight[1] === 0)) {
    complain(
      `non-empty 5D (n_output_plane x n_input_plane x kernel_depth x kernel_height x kernel_width) tensor expected for weight, but got: ${list(weight)}`,
    );
  }
  if (empty) {
    const sizes = plane(kernel, 1);
    const dilated = !transposed && dilation.some((n) => n !== 1);
    const got = dilated
      ? ` ${list(sizes)}`
      : sizes.length === 3
        ? `: ${by(sizes)} (TxHxW)`
        : ` ${named(AXES, 'kernel', sizes)}`;
    complain(`kernel size should be greater than zero, but got${got}`);
  }
  if (transposed && weight[1] === 0) {
    complain(
      `non-empty 2D or 4D weight tensor expected, but got: ${list([...weight.slice(0, 2), ...plane(kernel, 1)])}`,
    );
  }
}

/** PyTorch finds a dilation of 0 late, and says so in the words of the kernel. */
function checkDilation(dtype: DType, { transposed, dilation }: Settings): void {
  if (!dilation.includes(0)) return;
  if (dtype === 'float32') refuse('non-positive dilation is not supported');
  const values = plane(dilation, 1);
  const got = transposed
    ? named(AXES, 'dilation', values).replaceAll(' dilation', ', dilation')
    : list(values);
  refuse(`dilation should be greater than zero, but got ${got}`);
}

function checkTransposed(input: Value, out: Shape, settings: Settings): void {
  const extra = plane(settings.output_padding, 0);
  const stride = plane(settings.stride, 1);
  const dilation = plane(settings.dilation, 1);
  if (extra.some((n, i) => n >= (stride[i] as number) && n >= (dilation[i] as number))) {
    refuse(
      `output padding must be smaller than either stride or dilation, but got ${named(AXES, 'output_padding', extra)} ` +
        `${named(AXES, 'stride', stride)} ${named(AXES, 'dilation', dilation)}`,
    );
  }
  const sizes = plane(out.slice(2), 1);
  if (sizes.every((n) => n >= 1)) return;
  complain(
    `Given input size per channel: (${by(plane(input.shape.slice(2), 1))}). Calculated output size per channel: ` +
      `(${by(sizes)}). Output size is too small`,
  );
}

/** What PyTorch's kernels call themselves where they have none for a dtype. */
function kernelName({ transposed, dilation }: Settings, dims: number): string {
  if (transposed) return `slow_conv_transpose${dims === 3 ? 3 : 2}d_out_cpu`;
  return dilation.some((n) => n !== 1) ? 'slow_conv_dilated<>' : `slow_conv${dims === 3 ? 3 : 2}d_cpu`;
}

function checkDTypes(input: Value, weight: Value, bias: Value | null, settings: Settings): void {
  const fail = (message: string): never => {
    throw new GraddError('dtype-mismatch', message);
  };
  const { scalarType } = facts[input.dtype];
  const type = (x: Value): string => `torch.${facts[x.dtype].scalarType}Tensor`;
  const same = (x: Value, name: string): void => {
    if (x.dtype === input.dtype) return;
    fail(
      `Input type (${type(input)}) and ${name} type (${type(x)}) should be the same or input should be a MKLDNN tensor and ${name} is a dense tensor`,
    );
  };
  if (input.dtype === 'bool') {
    fail(`"${kernelName(settings, input.ndim - 2)}" not implemented for '${scalarType}'`);
  }
  if (input.dtype === 'float32') {
    same(weight, 'weight');
    if (bias !== null) same(bias, 'bias');
  }
  if (weight.dtype !== input.dtype)
    fail(`expected scalar type ${scalarType} but found ${facts[weight.dtype].scalarType}`);
  if (bias === null || bias.dtype === input.dtype) return;
  if (settings.transposed && input.ndim === 5)
    fail(`expected scalar type ${scalarType} but found ${facts[bias.dtype].scalarType}`);
  if (isFloat(bias.dtype) && !isFloat(input.dtype)) {
    const found = facts[bias.dtype].scalarType;
    fail(`result type ${found} can't be cast to the desired output type ${scalarType}`);
  }
}

function outputSizes(input: Value, weight: Shape, settings: Settings): number[] {
  const { stride, padding, dilation, output_padding, transposed } = settings;
  return input.shape.slice(2).map((n, i) => {
    const reach = (dilation[i] as number) * ((weight[i + 2] as number) - 1);
    const [s, p] = [stride[i] as number, padding[i] as number];
    if (transposed) return (n - 1) * s - 2 * p + reach + (output_padding[i] as number) + 1;
    return Math.floor((n + 2 * p - reach - 1) / s) + 1;
  });
}

/** Larger positions in an image are not computed with. */
const FARTHEST = 2 ** 45;

function checkRange(weight: Shape, { stride, padding, dilation }: Settings): void {
  const reach = dilation.map((d, i) => d * (weight[i + 2] as number));
  const far = [...stride, ...padding, ...reach].find((n) => n > FARTHEST);
  if (far === undefined) return;
  throw new GraddError('limit-exceeded', `A position of ${far} in an image exceeds the limit of ${FARTHEST}`);
}

/** The shape and dtype of a convolution, with PyTorch's complaints in its order. */
export function convolutionMeta(
  input: Value,
  weight: Value,
  bias: Value | null,
  given: Settings,
): { dtype: DType; shape: Shape } {
  const dims = weight.ndim - 2;
  if (dims <= 0) complain('weight should have at least three dimensions');
  if (given.groups <= 0) refuse('non-positive groups is not supported');
  const settings = expandSettings(given, dims);
  checkSettings(settings);
  checkWeight(input, weight.shape, settings);
  checkBias(bias, weight.shape, settings);
  if (!settings.transposed) checkKernelFits(input, weight.shape, settings);
  if (dims > 3) refuse('unsupported ConvNd parameters');
  checkRange(weight.shape, settings);
  const [n, c] = input.shape as [number, number];
  const channels = settings.transposed
    ? (weight.shape[1] as number) * settings.groups
    : (weight.shape[0] as number);
  const shape = [n, c === 0 ? 0 : channels, ...outputSizes(input, weight.shape, settings)];
  if (n === 0 || c === 0) {
    const at = shape.findIndex((size) => size < 0);
    if (at >= 0) complain(`invalid shape dimension ${shape[at]} at index ${at} of shape ${list(shape)}`);
    return { dtype: input.dtype, shape };
  }
  if (input.numel === 0) {
    complain(
      `Only zero batch or zero channel inputs are supported, but got input shape: ${list(input.shape)}`,
    );
  }
  if (input.dtype === 'float32') checkDTypes(input, weight, bias, settings);
  checkKernel(weight.shape, settings);
  checkDilation(input.dtype, settings);
  checkDTypes(input, weight, bias, settings);
  if (settings.transposed) checkTransposed(input, shape, settings);
  return { dtype: input.dtype, shape };
}
