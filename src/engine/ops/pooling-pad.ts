import type { Scalar } from '../tensor/dtype.ts';
import { isFloat } from '../tensor/dtype.ts';
import { contiguousStrides, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { attr, ints, scalar, scalarSchema, tensor, text } from './params.ts';
import { invalid, list, misshapen, needDType } from './pooling-windows.ts';
import { checkSizes, type Runtime } from './runtime.ts';

/** [before, after] of each of the last dimensions, from the first of them to the last. */
function pairs(pad: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (let i = pad.length - 2; i >= 0; i -= 2) found.push([pad[i] as number, pad[i + 1] as number]);
  return found;
}

/** [before, after] of every dimension. */
const allPairs = (pad: readonly number[], ndim: number): [number, number][] => [
  ...Array.from({ length: ndim - pad.length / 2 }, (): [number, number] => [0, 0]),
  ...pairs(pad),
];

function constantShape(self: Value, pad: readonly number[]): Shape {
  if (pad.length % 2 !== 0) throw invalid(`Length of pad must be even but instead it equals ${pad.length}`);
  if (pad.length > 2 * self.ndim) {
    throw invalid(
      `Length of pad should be no more than twice the number of dimensions of the input. Pad length is ${pad.length}while the input has ${self.ndim}dimensions.`,
    );
  }
  const around = allPairs(pad, self.ndim);
  const shape = self.shape.map((size, d) => {
    const [before, after] = around[d] as [number, number];
    const kept = size + Math.min(before, 0) + Math.min(after, 0);
    if (size + before + after < 0 || kept < 0) throw invalid('narrow(): length must be non-negative.');
    return size + before + after;
  });
  checkSizes(shape);
  return shape;
}

/** Throws where a Python number is no element of an integer dtype. */
function checkFill(self: Value, value: Scalar): void {
  if (isFloat(self.dtype) || self.dtype === 'bool') return;
  const [limit, name] = self.dtype === 'int32' ? [2 ** 31, 'int'] : [2 ** 63, 'int64_t'];
  const number = Number(value);
  if (number >= -limit && number < limit) return;
  throw invalid(`value cannot be converted to type ${name} without overflow`);
}

/** The part of `t` that lies within a padded tensor, and where that part is in it. */
function runConstant(rt: Runtime, self: Tensor, pad: readonly number[], value: Scalar, out: Tensor): void {
  rt.fill(out, value);
  const around = allPairs(pad, self.ndim);
  const kept = self.shape.map((size, d) => {
    const [before, after] = around[d] as [number, number];
    return size + Math.min(before, 0) + Math.min(after, 0);
  });
  const offset = (strides: Shape, sign: number) =>
    around.reduce((sum, [before], d) => sum + Math.max(sign * before, 0) * (strides[d] as number), 0);
  if (kept.includes(0)) return;
  const strides = contiguousStrides(out.shape);
  const source = rt.strided(self, kept, self.layout.strides, offset(self.layout.strides, -1));
  const target = rt.strided(out, kept, strides, offset(strides, 1));
  rt.copyInto(target.ptr, target.layout, source);
}

const constant = op({
  doc: 'The tensor with a border of one value; negative widths cut off.',
  params: { self: tensor(), pad: ints(), value: scalar(0n) },
  meta({ self, pad, value }) {
    const shape = constantShape(self, pad);
    checkFill(self, value);
    return { dtype: self.dtype, shape };
  },
  run: ({ self, pad, value }, out, rt) => runConstant(rt, self, pad, value, out),
  vjp: {
    self: ({ g, pad }) => g.apply('constant_pad_nd', { self: g, pad: pad.map((width) => -width) }),
  },
});

const REFLECT = 0;
const REPLICATE = 1;
const dims = ['', '2D or 3D', '3D or 4D', '4D or 5D'];
const letters = ['D', 'H', 'W'];

function checkInput(n: number, shape: Shape): void {
  const valid = shape.length === n + 1 || (shape.length === n + 2 && !shape.slice(1).includes(0));
  if (valid && (shape.length === n + 2 || !shape.includes(0))) return;
  throw misshapen(
    `Expected ${dims[n]} (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${list(shape)}`,
  );
}

/** The shape of a reflected or replicated border around the last `n` dimensions. */
function borderShape(mode: number, n: number, shape: Shape, padding: readonly number[]): Shape {
  if (padding.length !== 2 * n)
    throw invalid(`padding size is expected to be ${2 * n}, but got: ${padding.length}`);
  checkInput(n, shape);
  const around = pairs(padding);
  const from = shape.length - n;
  const sizes = shape.slice(from);
  if (mode === REFLECT) {
    for (let i = n - 1; i >= 0; i--) {
      const [before, after] = around[i] as [number, number];
      if (before < (sizes[i] as number) && after < (sizes[i] as number)) continue;
      throw invalid(
        `Argument #${4 + 2 * (n - 1 - i)}: Padding size should be less than the corresponding input dimension, but got: padding (${before}, ${after}) at dimension ${from + i} of input ${list(shape)}`,
      );
    }
  }
  const out = sizes.map((size, i) => size + (around[i]?.[0] as number) + (around[i]?.[1] as number));
  if (out.every((size) => size < 1)) {
    const named = (values: readonly number[]) =>
      values.map((v, i) => `${letters[3 - n + i]}: ${v}`).join(', ');
    const got = out.map((v, i) => `${letters[3 - n + i]}: ${v}`).join(' ');
    throw misshapen(`input (${named(sizes)}) is too small. Calculated output ${got}`);
  }
  const padded = [...shape.slice(0, from), ...out];
  checkSizes(padded);
  return padded;
}

/** For each place of a padded dimension the element that stands there, as int64. */
function placesOf(rt: Runtime, mode: number, n: number, size: number, before: number): number {
  const { ptr } = rt.empty('int64', [n]);
  rt.kernel('pad_index_i64')(ptr, n, size, before, mode);
  return ptr;
}

/** Dimension by dimension, as indices along it; those of width 0 stay. */
function runBorder(rt: Runtime, mode: number, self: Tensor, padding: readonly number[], out: Tensor): void {
  if (out.numel === 0) return;
  const around = allPairs(padding, self.ndim);
  let source = rt.contiguous(self);
  around.forEach(([before, after], d) => {
    if (before === 0 && after === 0) return;
    const size = source.shape[d] as number;
    const target = rt.empty(self.dtype, source.shape.with(d, out.shape[d] as number));
    const n = target.shape[d] as number;
    const places = placesOf(rt, mode, n, size, before);
    const [outer, inner] = [product(source.shape.slice(0, d)), product(source.shape.slice(d + 1))];
    rt.moveKernel('index_select', self.dtype)(target.ptr, source.ptr, places, outer, size, inner, n);
    source = target;
  });
  rt.copyTo(out.ptr, source);
}

/** The transposed map: what is at each place of the padded tensor added to the element that it came from. */
function runBorderBackward(
  rt: Runtime,
  mode: number,
  g: Tensor,
  padding: readonly number[],
  out: Tensor,
): void {
  if (out.numel === 0) return;
  const around = allPairs(padding, g.ndim);
  let source = rt.contiguous(g);
  around.forEach(([before, after], d) => {
    if (before === 0 && after === 0) return;
    const [n, size] = [source.shape[d] as number, out.shape[d] as number];
    const target = rt.empty(g.dtype, source.shape.with(d, size));
    rt.fill(target, 0);
    const places = placesOf(rt, mode, n, size, before);
    const [outer, inner] = [product(source.shape.slice(0, d)), product(source.shape.slice(d + 1))];
    rt.kernelFor('index_add', g.dtype)(target.ptr, source.ptr, places, outer, size, inner, n);
    source = target;
  });
  rt.copyTo(out.ptr, source);
}

const kinds = ['reflection', 'replication'] as const;
const nodes = ['Reflection', 'Replication'] as const;
const numbers = ['float64', 'float32', 'int64', 'int32'] as const;

function border(mode: number, n: number): [string, Op][] {
  const name = `${kinds[mode]}_pad${n}d`;
  const doc = `${n} dimensions with a border ${mode === REFLECT ? 'that mirrors' : 'of copies of'} what is inside.`;
  const forward = op({
    doc,
    internal: true,
    gradFn: `${nodes[mode]}Pad${n}DBackward0`,
    params: { self: tensor(), padding: ints() },
    meta({ self, padding }) {
      const shape = borderShape(mode, n, self.shape, padding);
      needDType(name, self, numbers);
      return { dtype: self.dtype, shape };
    },
    run: ({ self, padding }, out, rt) => runBorder(rt, mode, self, padding, out),
    vjp: { self: ({ g, self, padding }) => g.apply(`${name}_backward`, { grad_output: g, self, padding }) },
  });
  const backward = op({
    doc: `The gradient of ${name}.`,
    internal: true,
    gradFn: `${nodes[mode]}Pad${n}DBackwardBackward0`,
    params: { grad_output: tensor(), self: tensor(), padding: ints() },
    meta: ({ grad_output, self }) => ({ dtype: grad_output.dtype, shape: self.shape }),
    run: ({ grad_output, padding }, out, rt) => runBorderBackward(rt, mode, grad_output, padding, out),
    vjp: {
      grad_output: ({ g, padding }) => g.apply(name, { self: g, padding }),
      self: ({ self }) => self.zerosLike(),
    },
  });
  return [
    [name, forward],
    [`${name}_backward`, backward],
  ];
}

/** Writing into a part of a tensor that is there already, as PyTorch records it. */
const copySlices = op({
  doc: 'A tensor with a part replaced, which begins at `starts`.',
  internal: true,
  gradFn: 'CopySlices',
  params: { self: tensor(), src: tensor(), starts: ints() },
  meta: ({ self }) => ({ dtype: self.dtype, shape: self.shape }),
  run({ self, src, starts }, out, rt) {
    rt.copyTo(out.ptr, self);
    if (src.numel === 0) return;
    const strides = contiguousStrides(out.shape);
    const offset = starts.reduce((sum, start, d) => sum + start * (strides[d] as number), 0);
    const target = rt.strided(out, src.shape, strides, offset);
    rt.copyInto(target.ptr, target.layout, src);
  },
  vjp: {
    self: ({ g, src, starts }) => g.apply('_copy_slices', { self: g, src: g.newZeros(src.shape), starts }),
    src: ({ g, src, starts }) =>
      starts.reduce(
        (part, start, d) =>
          part.size(d) === src.size(d) ? part : part.slice(d, start, start + (src.shape[d] as number)),
        g,
      ),
  },
});

function circularShape(self: Value, padding: readonly number[]): number[] {
  const n = padding.length / 2;
  const around = pairs(padding);
  const sizes = self.shape.slice(self.ndim - n);
  const out = sizes.map((size, i) => {
    const [before, after] = around[i] as [number, number];
    if (before > size || after > size) throw invalid('Padding value causes wrapping around more than once.');
    if (size + before + after < 0) throw invalid('Negative padding value is resulting in an empty dimension');
    return size + before + after;
  });
  return [...self.shape.slice(0, self.ndim - n), ...out];
}

/** Copies `length` elements along `d` from one place of `base` to another. */
function wrap(
  base: Value,
  d: number,
  from: number,
  to: number,
  length: number,
  { call }: CompositeContext,
): Value {
  if (Math.abs(from - to) < length) {
    throw invalid(
      'unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.',
    );
  }
  const starts = base.shape.map((_, i) => (i === d ? to : 0));
  return call('_copy_slices', { self: base, src: base.slice(d, from, from + length), starts }) as Value;
}

/** As PyTorch writes it: the middle first, then what wraps around, dimension by dimension from the last. */
function circular(self: Value, padding: readonly number[], context: CompositeContext): Value {
  const shape = circularShape(self, padding);
  const around = allPairs(padding, self.ndim);
  const order = Array.from({ length: padding.length / 2 }, (_, i) => self.ndim - 1 - i);
  const cut = order.reduce((part, d) => {
    const [before, after] = around[d] as [number, number];
    return part.slice(d, Math.max(-before, 0), (self.shape[d] as number) - Math.max(-after, 0));
  }, self);
  const room = shape.map((size, d) => {
    const [before, after] = around[d] as [number, number];
    return Math.max(0, size - Math.max(before, 0) - Math.max(after, 0));
  });
  const off = room.findIndex((size, d) => size !== cut.shape[d]);
  if (off >= 0) {
    throw misshapen(
      `The size of tensor a (${room[off]}) must match the size of tensor b (${cut.shape[off]}) at non-singleton dimension ${off}`,
    );
  }
  const starts = around.map(([before]) => Math.max(before, 0));
  let base = context.call('_copy_slices', { self: self.newZeros(shape), src: cut, starts }) as Value;
  for (const d of order) {
    const [before, after] = (around[d] as [number, number]).map((width) => Math.max(width, 0)) as [
      number,
      number,
    ];
    const size = shape[d] as number;
    if (before > 0) base = wrap(base, d, size - before - after, 0, before, context);
    if (after > 0) base = wrap(base, d, before, size - after, after, context);
  }
  return base;
}

const padModes = { reflect: REFLECT, replicate: REPLICATE } as const;

/** Every mode but that of a constant. */
function padded(self: Value, pad: readonly number[], mode: string, context: CompositeContext): Value {
  const n = pad.length / 2;
  const known = Object.hasOwn(padModes, mode);
  if (n < 1 || n > 3 || (self.ndim !== n + 1 && self.ndim !== n + 2)) {
    const what = `Padding size ${pad.length} is not supported for ${self.ndim}D input tensor.`;
    throw invalid(`${what} Supported combinations for non-constant padding:`);
  }
  if (mode === 'circular') return circular(self, pad, context);
  if (!known) throw invalid(`Unrecognised padding mode ${mode}`);
  const kind = kinds[padModes[mode as keyof typeof padModes]];
  return context.call(`${kind}_pad${n}d`, { self, padding: pad }) as Value;
}

const pad = composite({
  doc: 'The tensor with a border: of a constant, mirrored (reflect), of its own edge (replicate), or wrapped around (circular).',
  params: {
    self: tensor(),
    pad: ints(),
    mode: text('constant'),
    value: attr('float', scalarSchema.nullable(), null),
  },
  compose({ self, pad: widths, mode, value }, context) {
    if (widths.length % 2 !== 0) throw invalid('Padding length must be divisible by 2');
    if (widths.length > 2 * self.ndim) {
      throw invalid(
        `Padding length should be less than or equal to two times the input dimension but got padding length ${widths.length} and input of dimension ${self.ndim}`,
      );
    }
    if (mode === 'constant') return context.call('constant_pad_nd', { self, pad: widths, value: value ?? 0 });
    if (value !== null && Number(value) !== 0) {
      throw invalid(`Padding mode "${mode}" doesn't take in value argument`);
    }
    return padded(self, widths, mode, context);
  },
});

/** Borders around tensors. */
export const padOps: Record<string, Op> = {
  constant_pad_nd: constant,
  'nn.functional.pad': pad,
  _copy_slices: copySlices,
  ...Object.fromEntries([REFLECT, REPLICATE].flatMap((mode) => [1, 2, 3].flatMap((n) => border(mode, n)))),
};
