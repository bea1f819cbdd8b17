import { z } from 'zod';
import type { DType } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { anyInt, attr, flag, ints, maybeFlag, scalarSchema, tensor, text } from './params.ts';
import { floats, invalid, list, misshapen, needDType, withSpatial } from './pooling-windows.ts';
import type { Runtime } from './runtime.ts';

/** How an output is made of inputs along each dimension. */
interface Mode {
  /** The number of the kernel's rule; null where an output is one input. */
  readonly rule: number | null;
  /** Half the width of an anti-aliasing filter; 0 where there is none. */
  readonly width: number;
  /** The place of an output within its interval, of nearest neighbours. */
  readonly offset: number;
}

const nearest: Mode = { rule: null, width: 0, offset: 0 };
const exact: Mode = { rule: null, width: 0, offset: 0.5 };
const linear: Mode = { rule: 0, width: 0, offset: 0 };
const cubic: Mode = { rule: 1, width: 0, offset: 0 };
const smoothLinear: Mode = { rule: 2, width: 1, offset: 0 };
const smoothCubic: Mode = { rule: 3, width: 2, offset: 0 };
const smoothLanczos: Mode = { rule: 4, width: 3, offset: 0 };

/** `scales` has one for each dimension, and is null where the sizes alone say it. */
type ScaleArgs = { align_corners: boolean; scales: number[] | null };

/** Inputs per output along a dimension, in the precision in which PyTorch has it. */
function stepOf(size: number, n: number, scale: number | undefined, corners: boolean, dtype: DType): number {
  const round = dtype === 'float32' ? Math.fround : (x: number) => x;
  if (corners) return n > 1 ? round((size - 1) / (n - 1)) : 0;
  return scale !== undefined && scale > 0 ? round(1 / scale) : round(size / n);
}

/** One dimension of a resampling. */
interface Line {
  readonly outer: number;
  readonly inner: number;
  /** Inputs and outputs of the forward map along it. */
  readonly size: number;
  readonly n: number;
  readonly step: number;
}

/** PyTorch's rule of nearest neighbours in two dimensions: by float32, and a rule apart for the same and twice the size. */
function nearestStep(mode: Mode, { size, n, step }: Line): { step: number; dtype: DType } {
  if (mode.offset > 0) return { step: Math.fround(step), dtype: 'float64' };
  return { step: n === size ? 1 : n === 2 * size ? 0.5 : step, dtype: 'float32' };
}

/** For each output the input that it is, as int64. */
function nearestIndex(rt: Runtime, mode: Mode, line: Line, ndim: number, own: DType): number {
  const index = rt.empty('int64', [line.n]).ptr;
  const { step, dtype } = ndim === 4 ? nearestStep(mode, line) : { step: line.step, dtype: own };
  rt.kernelFor('nearest_index', dtype)(index, line.n, line.size, step, mode.offset);
  return index;
}

/** Taps of every output along a line, where the kernels read them. */
function tapsOf(rt: Runtime, mode: Mode, line: Line, corners: boolean, dtype: DType) {
  const { size, n, step } = line;
  const wide = 2 * Math.ceil(mode.width * Math.max(step, 1)) + 1;
  const limit = mode.width > 0 ? Math.min(wide, Math.max(size, 1)) : mode.rule === 0 ? 2 : 4;
  const places = rt.empty('int32', [n, limit + 1]).ptr;
  const weights = rt.empty(dtype, [n, limit]).ptr;
  rt.kernelFor('resample_taps', dtype)(
    places,
    weights,
    n,
    size,
    mode.rule as number,
    step,
    Number(corners),
    limit,
  );
  return { places, weights, limit };
}

type Pass = (rt: Runtime, source: Tensor, target: Tensor, mode: Mode, line: Line, corners: boolean) => void;

const forwardPass: Pass = (rt, source, target, mode, line, corners) => {
  const { dtype } = source;
  const { outer, inner, size, n } = line;
  if (mode.rule === null) {
    const index = nearestIndex(rt, mode, line, source.ndim, dtype);
    rt.moveKernel('index_select', dtype)(target.ptr, source.ptr, index, outer, size, inner, n);
    return;
  }
  const { places, weights, limit } = tapsOf(rt, mode, line, corners, dtype);
  rt.kernelFor('resample', dtype)(target.ptr, source.ptr, places, weights, limit, outer, size, inner, n);
};

const backwardPass: Pass = (rt, source, target, mode, line, corners) => {
  const { dtype } = source;
  const { outer, inner, size, n } = line;
  if (mode.rule === null) {
    const index = nearestIndex(rt, mode, line, source.ndim, dtype);
    rt.fill(target, 0);
    rt.kernelFor('index_add', dtype)(target.ptr, source.ptr, index, outer, size, inner, n);
    return;
  }
  const { places, weights, limit } = tapsOf(rt, mode, line, corners, dtype);
  rt.kernelFor('resample_backward', dtype)(
    target.ptr,
    source.ptr,
    places,
    weights,
    limit,
    outer,
    size,
    inner,
    n,
  );
};

/** Dimension by dimension, from the last. `back`: from the outputs to the inputs. */
function run(rt: Runtime, mode: Mode, from: Tensor, out: Tensor, args: ScaleArgs, back: boolean): void {
  if (out.numel === 0) return;
  if (from.numel === 0) {
    rt.fill(out, 0);
    return;
  }
  const pass = back ? backwardPass : forwardPass;
  let source = rt.contiguous(from);
  for (let d = out.ndim - 1; d >= 2; d--) {
    const [here, there] = [source.shape[d] as number, out.shape[d] as number];
    if (here === there && mode.width > 0) continue;
    const [size, n] = back ? [there, here] : [here, there];
    const target = rt.empty(from.dtype, source.shape.with(d, there));
    const line: Line = {
      outer: product(source.shape.slice(0, d)),
      inner: product(source.shape.slice(d + 1)),
      size,
      n,
      step: stepOf(size, n, args.scales?.[d - 2], args.align_corners, from.dtype),
    };
    pass(rt, source, target, mode, line, args.align_corners);
    source = target;
  }
  rt.copyTo(out.ptr, source);
}

const letters = ['D', 'H', 'W'];

function resampledShape(n: number, shape: Shape, output: readonly number[]): Shape {
  if (output.length !== n) {
    throw invalid(`It is expected output_size equals to ${n}, but got size ${output.length}`);
  }
  if (shape.length !== n + 2) {
    throw misshapen(`It is expected input_size equals to ${n + 2}, but got size ${shape.length}`);
  }
  const sizes = shape.slice(2);
  if ([...sizes, ...output].some((size) => size <= 0)) {
    const named = (values: Shape) => `(${values.map((v, i) => `${letters[3 - n + i]}: ${v}`).join(', ')})`;
    const and = n === 1 ? 'and ' : '';
    throw misshapen(
      `Input and output sizes should be greater than 0, but got input ${named(sizes)} ${and}output ${named(output)}`,
    );
  }
  if (shape[1] === 0) {
    throw misshapen(`Non-empty ${n + 2}D data tensor expected but got a tensor with sizes ${list(shape)}`);
  }
  return withSpatial(shape, output);
}

const scalesParam = () => attr('tuple of floats', z.array(z.number()).nullable(), null);

/** An operation of PyTorch's that resamples `n` dimensions, and its gradient, which is its transpose. */
function upsample(key: string, node: string, n: number, mode: Mode, kernel: string): [string, Op][] {
  const forward = op({
    doc: `${n} dimensions resampled.`,
    internal: true,
    gradFn: `${node}Backward0`,
    params: { self: tensor(), output_size: ints(), align_corners: flag(), scales: scalesParam() },
    meta({ self, output_size }) {
      const shape = resampledShape(n, self.shape, output_size);
      needDType(kernel, self, floats);
      return { dtype: self.dtype, shape };
    },
    run: ({ self, ...args }, out, rt) => run(rt, mode, self, out, args, false),
    vjp: {
      self: ({ g, self, align_corners, scales }) =>
        g.apply(`${key}_backward`, { grad_output: g, input_size: self.shape, align_corners, scales }),
    },
  });
  const backward = op({
    doc: 'The gradient of a resampling.',
    internal: true,
    gradFn: `${node}BackwardBackward0`,
    params: { grad_output: tensor(), input_size: ints(), align_corners: flag(), scales: scalesParam() },
    meta: ({ grad_output, input_size }) => ({ dtype: grad_output.dtype, shape: input_size }),
    run: ({ grad_output, ...args }, out, rt) => run(rt, mode, grad_output, out, args, true),
    vjp: {
      grad_output: ({ g, grad_output, align_corners, scales }) =>
        g.apply(key, { self: g, output_size: grad_output.shape.slice(2), align_corners, scales }),
    },
  });
  return [
    [key, forward],
    [`${key}_backward`, backward],
  ];
}

const upsamples: [string, Op][] = [
  ...[1, 2, 3].flatMap((n) => {
    const kernel = n === 2 ? 'upsample_nearest2d_channels_last' : 'compute_indices_weights_nearest';
    return [
      ...upsample(`upsample_nearest${n}d`, `UpsampleNearest${n}D`, n, nearest, kernel),
      ...upsample(`_upsample_nearest_exact${n}d`, `UpsampleNearestExact${n}D`, n, exact, kernel),
    ];
  }),
  ...upsample('upsample_linear1d', 'UpsampleLinear1D', 1, linear, 'compute_indices_weights_linear'),
  ...upsample('upsample_bilinear2d', 'UpsampleBilinear2D', 2, linear, 'upsample_bilinear2d_channels_last'),
  ...upsample('upsample_trilinear3d', 'UpsampleTrilinear3D', 3, linear, 'compute_indices_weights_linear'),
  ...upsample('upsample_bicubic2d', 'UpsampleBicubic2D', 2, cubic, 'compute_indices_weights_cubic'),
  ...(
    [
      ['bilinear', 'Bilinear', smoothLinear],
      ['bicubic', 'Bicubic', smoothCubic],
      ['lanczos', 'Lanczos', smoothLanczos],
    ] as const
  ).flatMap(([name, node, mode]) =>
    upsample(`upsample_${name}2d_aa`, `Upsample${node}2DAa`, 2, mode, 'compute_index_ranges_weights'),
  ),
];

const sizeSchema = z.union([z.array(anyInt), anyInt]).nullable();
const factor = scalarSchema.transform(Number);
const factorSchema = z.union([z.array(factor), factor]).nullable();
const sizeParam = () => attr('int or tuple of ints', sizeSchema, null);
const factorParam = () => attr('float or tuple of floats', factorSchema, null);

interface InterpolateArgs {
  self: Value;
  size: z.infer<typeof sizeSchema>;
  scale_factor: z.infer<typeof factorSchema>;
  mode: string;
  align_corners: boolean | null;
  recompute_scale_factor: boolean | null;
  antialias: boolean;
}

const cornered = new Set(['linear', 'bilinear', 'bicubic', 'trilinear', 'lanczos']);

/** `n` numbers, of one or of that many. */
function spreadTo<T>(value: T | T[], self: Value, what: 'size' | 'scale_factor'): T[] {
  const dim = self.ndim - 2;
  if (!Array.isArray(value)) return Array.from({ length: Math.max(dim, 0) }, () => value);
  if (value.length === dim) return value;
  const sizes = list(self.shape.slice(2));
  const given = `[${value.join(', ')}]`;
  if (what === 'size') {
    throw misshapen(
      `Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of ${sizes} and output size of ${given}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.`,
    );
  }
  throw misshapen(
    `Input and ${what} must have the same number of spatial dimensions, but got input with spatial dimensions of ${sizes} and ${what} of shape ${given}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and ${what} in (s1, s2, ...,sK) format.`,
  );
}

function whole(x: number): number {
  if (Number.isFinite(x) && Math.abs(x) < 2 ** 63) return Math.trunc(x);
  throw invalid('value cannot be converted to type int64_t without overflow');
}

/** The sizes of the result, and the factors where the sizes alone do not say them. */
function outputOf({ self, size, scale_factor, mode, recompute_scale_factor }: InterpolateArgs) {
  if (size !== null && scale_factor !== null) {
    throw invalid('only one of size or scale_factor should be defined');
  }
  if (size !== null) {
    const sizes = spreadTo(size, self, 'size');
    if (!recompute_scale_factor) return { output_size: sizes, scales: null };
    throw invalid('recompute_scale_factor is not meaningful with an explicit size.');
  }
  if (scale_factor === null) throw invalid('either size or scale_factor should be defined');
  const factors = spreadTo(scale_factor, self, 'scale_factor');
  const output_size = factors.map((by, i) => whole((self.shape[i + 2] as number) * by));
  return { output_size, scales: recompute_scale_factor || mode === 'area' ? null : factors };
}

const names: Record<string, Record<number, string>> = {
  nearest: { 3: 'upsample_nearest1d', 4: 'upsample_nearest2d', 5: 'upsample_nearest3d' },
  'nearest-exact': {
    3: '_upsample_nearest_exact1d',
    4: '_upsample_nearest_exact2d',
    5: '_upsample_nearest_exact3d',
  },
  linear: { 3: 'upsample_linear1d' },
  bilinear: { 4: 'upsample_bilinear2d' },
  bicubic: { 4: 'upsample_bicubic2d' },
  trilinear: { 5: 'upsample_trilinear3d' },
  lanczos: { 4: 'upsample_lanczos2d' },
};

const needs: Record<string, string> = { linear: '3D', bilinear: '4D', trilinear: '5D' };

/** The operation for a mode and a number of dimensions. */
function operation(mode: string, ndim: number, antialias: boolean, corners: boolean | null): string {
  const name = Object.hasOwn(names, mode) ? names[mode]?.[ndim] : undefined;
  if (name === undefined) {
    if (ndim >= 3 && ndim <= 5 && Object.hasOwn(needs, mode)) {
      throw invalid(`Got ${ndim}D input, but ${mode} mode needs ${needs[mode]} input`);
    }
    throw invalid(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${ndim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got ${mode})`,
    );
  }
  if (mode === 'lanczos' && corners) throw invalid('Lanczos mode does not support align_corners=True');
  if (mode === 'lanczos' && !antialias) throw invalid('Lanczos mode requires antialias=True');
  return antialias ? `${name}_aa` : name;
}

function interpolate(args: InterpolateArgs, { call }: CompositeContext): Value {
  const { self, mode, align_corners, antialias } = args;
  if (!cornered.has(mode) && align_corners !== null) {
    throw invalid(
      'align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear',
    );
  }
  const { output_size, scales } = outputOf(args);
  if (antialias && !(['bilinear', 'bicubic', 'lanczos'].includes(mode) && self.ndim === 4)) {
    throw invalid(
      'Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input',
    );
  }
  if (mode === 'area' && self.ndim >= 3 && self.ndim <= 5) {
    return call(`nn.functional.adaptive_avg_pool${self.ndim - 2}d`, { self, output_size }) as Value;
  }
  const key = operation(mode, self.ndim, antialias, align_corners);
  return call(key, { self, output_size, align_corners: align_corners ?? false, scales }) as Value;
}

const plain = { recompute_scale_factor: null, antialias: false };

/** Resampling. */
export const interpolateOps: Record<string, Op> = {
  ...Object.fromEntries(upsamples),
  'nn.functional.interpolate': composite({
    doc: 'Resamples the spatial dimensions to a size, or by a factor.',
    params: {
      self: tensor(),
      size: sizeParam(),
      scale_factor: factorParam(),
      mode: text('nearest'),
      align_corners: maybeFlag(),
      recompute_scale_factor: maybeFlag(),
      antialias: flag(),
    },
    compose: interpolate,
  }),
  'nn.functional.upsample': composite({
    doc: 'As interpolate; an old name.',
    params: {
      self: tensor(),
      size: sizeParam(),
      scale_factor: factorParam(),
      mode: text('nearest'),
      align_corners: maybeFlag(),
    },
    compose: (args, context) => interpolate({ ...args, ...plain }, context),
  }),
  'nn.functional.upsample_nearest': composite({
    doc: 'As interpolate with the nearest neighbour; an old name.',
    params: { self: tensor(), size: sizeParam(), scale_factor: factorParam() },
    compose: (args, context) =>
      interpolate({ ...args, ...plain, mode: 'nearest', align_corners: null }, context),
  }),
  'nn.functional.upsample_bilinear': composite({
    doc: 'As interpolate, bilinear with aligned corners; an old name.',
    params: { self: tensor(), size: sizeParam(), scale_factor: factorParam() },
    compose: (args, context) =>
      interpolate({ ...args, ...plain, mode: 'bilinear', align_corners: true }, context),
  }),
  _upsample_bilinear2d_aa: composite({
    doc: 'Two dimensions resampled by a triangle as wide as the coarser grid.',
    params: {
      self: tensor(),
      output_size: ints(),
      align_corners: flag(),
      scales_h: attr('float', factor.nullable(), null),
      scales_w: attr('float', factor.nullable(), null),
    },
    compose: ({ self, output_size, align_corners, scales_h, scales_w }, { call }) =>
      call('upsample_bilinear2d_aa', {
        self,
        output_size,
        align_corners,
        scales: [scales_h ?? 0, scales_w ?? 0],
      }),
  }),
};
