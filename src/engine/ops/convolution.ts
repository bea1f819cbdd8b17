import { z } from 'zod';
import { GraddError } from '../errors.ts';
import type { DType } from '../tensor/dtype.ts';
import { type Shape, stridedLayout } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { convolutionActivationOps } from './convolution-activation.ts';
import { convolutionBilinearOps } from './convolution-bilinear.ts';
import { correlate, weigh } from './convolution-kernels.ts';
import { convolutionRearrangeOps } from './convolution-rearrange.ts';
import { type Form, triple } from './convolution-scratch.ts';
import { convolutionMeta, expandSettings, type Settings } from './convolution-shapes.ts';
import { spread } from './convolution-spread.ts';
import { type CompositeContext, composite, type Op, op } from './define.ts';
import { reduce } from './fold.ts';
import { anyInt, attr, flag, int, ints, maybeTensor, tensor } from './params.ts';

const settings = {
  stride: ints(),
  padding: ints(),
  dilation: ints(),
  transposed: { ...flag(), required: true },
  output_padding: ints(),
  groups: int(),
};

/** The settings out of the arguments of an operation. */
const settingsOf = (args: Settings): Settings => ({
  stride: args.stride,
  padding: args.padding,
  dilation: args.dilation,
  transposed: args.transposed,
  output_padding: args.output_padding,
  groups: args.groups,
});

function formOf(given: Settings, weight: { readonly shape: Shape }): Form {
  const { stride, padding, dilation, groups } = expandSettings(given, weight.shape.length - 2);
  return { groups, stride: triple(stride, 1), padding: triple(padding, 0), dilation: triple(dilation, 1) };
}

/** What is summed over for the gradient of a bias. */
const allButChannels = (x: Value): number[] => x.shape.map((_, d) => d).filter((d) => d !== 1);

/** The gradient for one argument. PyTorch has one node for all three, so each of ours has all its edges. */
const backwardSpec = (of: string) => ({
  doc: `The gradient of a convolution for its ${of}.`,
  internal: true,
  gradFn: 'ConvolutionBackwardBackward0',
  params: { grad_output: tensor(), input: tensor(), weight: tensor(), ...settings },
});

const backward = (
  of: 'input' | 'weight' | 'bias',
  grad_output: Value,
  input: Value,
  weight: Value,
  given: Settings,
): Value => grad_output.apply(`convolution.${of}`, { ...settingsOf(given), grad_output, input, weight });

const cName: Record<DType, string> = {
  float64: 'double',
  float32: 'float',
  int64: 'long int',
  int32: 'int',
  bool: 'bool',
};

function sameTypeAsBias(input: Value, bias: Value | null): void {
  if (bias === null || bias.dtype === input.dtype) return;
  const message = `Input type (${cName[input.dtype]}) and bias type (${cName[bias.dtype]}) should be the same`;
  throw new GraddError('dtype-mismatch', message);
}

/** Whether the input is an image without a batch. */
function unbatched(input: Value, dims: number, name: string): boolean {
  if (input.ndim === dims + 1 || input.ndim === dims + 2) return input.ndim === dims + 1;
  const message =
    `Expected ${dims + 1}D (unbatched) or ${dims + 2}D (batched) input to ${name}, but got input of size: ` +
    `[${input.shape.join(', ')}]`;
  throw new GraddError('shape-mismatch', message);
}

/** Calls `body` with a batch of one where there is none. */
function batched(input: Value, dims: number, name: string, body: (input: Value) => Value): Value {
  return unbatched(input, dims, name) ? body(input.unsqueeze(0)).squeeze(0) : body(input);
}

function broadcastTo(name: string, values: readonly number[], dims: number): readonly number[] {
  if (values.length === dims) return values;
  if (values.length === 1) return new Array<number>(dims).fill(values[0] as number);
  throw new GraddError('invalid-argument', `${name} cannot broadcast to ${dims} dimensions`);
}

/** A convolution whose result has the input's size; an odd margin goes to the end. */
function samePadded(
  input: Value,
  weight: Value,
  bias: Value | null,
  given: Settings,
  { call }: CompositeContext,
): Value {
  const dims = weight.ndim - 2;
  if (dims <= 0) throw new GraddError('shape-mismatch', 'weight should have at least three dimensions');
  if (input.ndim !== weight.ndim) {
    const message =
      `Expected ${weight.ndim}-dimensional input for ${weight.ndim}-dimensional weight[${weight.shape.join(', ')}], ` +
      `but got ${input.ndim}-dimensional input of size [${input.shape.join(', ')}] instead`;
    throw new GraddError('shape-mismatch', message);
  }
  const stride = broadcastTo('stride', given.stride, dims);
  const dilation = broadcastTo('dilation', given.dilation, dims);
  if (stride.some((n) => n !== 1)) {
    throw new GraddError('invalid-argument', "padding='same' is not supported for strided convolutions");
  }
  const totals = dilation.map((d, i) => d * ((weight.shape[i + 2] as number) - 1));
  const padding = totals.map((total) => Math.max(0, Math.floor(total / 2)));
  const rest = totals.map((total, i) => Math.max(0, total - 2 * (padding[i] as number)));
  const self = rest.some((n) => n > 0)
    ? (call('convolution.pad', {
        self: input,
        low: [0, 0, ...rest.map(() => 0)],
        high: [0, 0, ...rest],
      }) as Value)
    : input;
  return call('convolution', { ...given, input: self, weight, bias, padding }) as Value;
}

const paddings = attr<readonly number[] | string>(
  'tuple of ints',
  z.union([z.array(anyInt), anyInt.transform((value) => [value]), z.string()]),
  [0],
);

/** The convolution over `dims` dimensions. */
function convolution(dims: 1 | 2 | 3): Op {
  const name = `conv${dims}d`;
  return composite({
    doc: `Cross-correlation of images of ${dims} dimension${dims === 1 ? '' : 's'} with weights.`,
    aliases: [name],
    on: ['torch', 'F'],
    params: {
      input: tensor(),
      weight: tensor(),
      bias: maybeTensor(),
      stride: ints([1]),
      padding: paddings,
      dilation: ints([1]),
      groups: int(1),
    },
    compose({ input, weight, bias, stride, padding, dilation, groups }, context) {
      if (typeof padding !== 'string') sameTypeAsBias(input, bias);
      const given = { stride, dilation, transposed: false, output_padding: [0], groups };
      return batched(input, dims, name, (images) => {
        if (padding === 'same') return samePadded(images, weight, bias, { ...given, padding: [0] }, context);
        if (padding === 'valid')
          return context.call('convolution', {
            ...given,
            input: images,
            weight,
            bias,
            padding: [0],
          }) as Value;
        if (typeof padding === 'string')
          throw new GraddError('invalid-argument', `Invalid padding string: '${padding}'`);
        // Strides are those of as many dimensions as the function has, whatever the weights are.
        const full = (values: readonly number[]) =>
          values.length === 1 ? new Array<number>(dims).fill(values[0] as number) : values;
        const sized = { ...given, stride: full(stride), padding: full(padding), dilation: full(dilation) };
        return context.call('convolution', { ...sized, input: images, weight, bias }) as Value;
      });
    },
  });
}

/** The transposed convolution over `dims` dimensions. */
function transposedConvolution(dims: 1 | 2 | 3): Op {
  const name = `conv_transpose${dims}d`;
  return composite({
    doc: `Transposed convolution over ${dims} dimension${dims === 1 ? '' : 's'}: the gradient of a convolution.`,
    aliases: [name],
    on: ['torch', 'F'],
    params: {
      input: tensor(),
      weight: tensor(),
      bias: maybeTensor(),
      stride: ints([1]),
      padding: ints([0]),
      output_padding: ints([0]),
      groups: int(1),
      dilation: ints([1]),
    },
    compose({ input, weight, bias, ...given }, { call }) {
      const full = (values: readonly number[]) =>
        values.length === 1 ? new Array<number>(dims).fill(values[0] as number) : values;
      const sized = {
        stride: full(given.stride),
        padding: full(given.padding),
        output_padding: full(given.output_padding),
        dilation: full(given.dilation),
      };
      return batched(
        input,
        dims,
        name,
        (images) =>
          call('convolution', {
            ...sized,
            groups: given.groups,
            transposed: true,
            input: images,
            weight,
            bias,
          }) as Value,
      );
    },
  });
}

const biasFor = (bias: Tensor | null, dtype: DType, cast: (t: Tensor, dtype: DType) => Tensor) =>
  bias === null ? null : cast(bias, dtype);

/** Convolutions of any number of dimensions, and their gradients. */
const convolutionBaseOps = {
  convolution: op({
    doc: 'Convolution, or transposed convolution, of images of one to three dimensions with weights.',
    on: ['torch'],
    params: {
      input: tensor(),
      weight: tensor(),
      bias: { ...maybeTensor(), required: true },
      ...settings,
    },
    meta: ({ input, weight, bias, ...given }) => convolutionMeta(input, weight, bias, given),
    run({ input, weight, bias, ...given }, out, rt) {
      const form = formOf(given, weight);
      const add = biasFor(bias, out.dtype, (t, dtype) => rt.cast(t, dtype));
      (given.transposed ? spread : correlate)(rt, input, weight, add, out, form);
    },
    vjp: {
      input: ({ g, input, weight, ...given }) => backward('input', g, input, weight, given),
      weight: ({ g, input, weight, ...given }) => backward('weight', g, input, weight, given),
      bias: ({ g, input, weight, ...given }) => backward('bias', g, input, weight, given),
    },
  }),
  'convolution.input': op({
    ...backwardSpec('input'),
    meta: ({ grad_output, input }) => ({ dtype: grad_output.dtype, shape: input.shape }),
    run({ grad_output, weight, ...given }, out, rt) {
      (given.transposed ? correlate : spread)(rt, grad_output, weight, null, out, formOf(given, weight));
    },
    vjp: {
      grad_output: ({ g, weight, ...given }) =>
        g.apply('convolution', { ...settingsOf(given), input: g, weight, bias: null }),
      input: () => null,
      weight: ({ g, grad_output, weight, ...given }) => backward('weight', grad_output, g, weight, given),
    },
  }),
  'convolution.weight': op({
    ...backwardSpec('weights'),
    meta: ({ grad_output, weight }) => ({ dtype: grad_output.dtype, shape: weight.shape }),
    run({ grad_output, input, ...given }, out, rt) {
      const [g, x] = given.transposed ? [input, grad_output] : [grad_output, input];
      weigh(rt, g, x, out, formOf(given, out));
    },
    vjp: {
      grad_output: ({ g, input, ...given }) =>
        g.apply('convolution', { ...settingsOf(given), input, weight: g, bias: null }),
      input: ({ g, grad_output, input, ...given }) => backward('input', grad_output, input, g, given),
      weight: () => null,
    },
  }),
  'convolution.bias': op({
    ...backwardSpec('bias'),
    meta: ({ grad_output, weight, transposed, groups }) => ({
      dtype: grad_output.dtype,
      shape: [transposed ? (weight.shape[1] as number) * groups : (weight.shape[0] as number)],
    }),
    run({ grad_output }, out, rt) {
      // Where the input has no channels, PyTorch's result has none either.
      if (grad_output.numel === 0) rt.fill(out, 0);
      else reduce(rt, 'sum', grad_output, allButChannels(grad_output), out);
    },
    vjp: {
      grad_output: ({ g, grad_output }) =>
        grad_output.numel === 0
          ? grad_output.zerosLike()
          : g.reshape([1, g.numel, ...grad_output.shape.slice(2).map(() => 1)]).expand(grad_output.shape),
      input: () => null,
      weight: () => null,
    },
  }),
  'convolution.pad': op({
    doc: 'Zeros before and behind each dimension.',
    internal: true,
    gradFn: 'ConstantPadNdBackward0',
    params: { self: tensor(), low: ints(), high: ints() },
    meta: ({ self, low, high }) => ({
      dtype: self.dtype,
      shape: self.shape.map((n, d) => n + (low[d] as number) + (high[d] as number)),
    }),
    run({ self, low }, out, rt) {
      rt.fill(out, 0);
      const { strides } = out.layout;
      const start = low.reduce((sum, n, d) => sum + n * (strides[d] as number), 0);
      const { ptr } = rt.view(out, out.layout, start);
      rt.copyInto(ptr, stridedLayout(self.shape, strides), self);
    },
    vjp: {
      self: ({ g, self, low }) =>
        self.shape.reduce(
          (part, n, d) => (n === part.shape[d] ? part : part.narrow(d, low[d] as number, n)),
          g,
        ),
    },
  }),
  'nn.functional.conv1d': convolution(1),
  'nn.functional.conv2d': convolution(2),
  'nn.functional.conv3d': convolution(3),
  'nn.functional.conv_transpose1d': transposedConvolution(1),
  'nn.functional.conv_transpose2d': transposedConvolution(2),
  'nn.functional.conv_transpose3d': transposedConvolution(3),
} satisfies Record<string, Op>;

/** Convolutions and the rearrangements that go with them. */
export const convolutionOps = {
  ...convolutionBaseOps,
  ...convolutionActivationOps,
  ...convolutionRearrangeOps,
  ...convolutionBilinearOps,
} satisfies Record<string, Op>;
