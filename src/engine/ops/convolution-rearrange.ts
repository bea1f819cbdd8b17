import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { facts, notImplementedFor } from '../tensor/dtype.ts';
import { normalizeDim, type Shape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { anyInt, attr, int, ints, tensor } from './params.ts';

function complain(message: string): never {
  throw new GraddError('shape-mismatch', message);
}
function refuse(message: string): never {
  throw new GraddError('invalid-argument', message);
}

/** One int for both dimensions, or a list of them. */
const pair = (...defaults: [] | [number[]]) =>
  attr('tuple of ints', z.union([z.array(anyInt), anyInt.transform((value) => [value, value])]), ...defaults);

interface Window {
  readonly kernel_size: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly number[];
  readonly stride: readonly number[];
}

const window = { kernel_size: ints(), dilation: ints(), padding: ints(), stride: ints() };
const publicWindow = {
  kernel_size: pair(),
  dilation: pair([1, 1]),
  padding: pair([0, 0]),
  stride: pair([1, 1]),
};

const windowOf = ({ kernel_size, dilation, padding, stride }: Window): Window => ({
  kernel_size,
  dilation,
  padding,
  stride,
});

function checkPairs(values: Record<string, readonly number[]>): void {
  for (const [name, list] of Object.entries(values)) {
    if (list.length !== 2) refuse(`It is expected ${name} equals to 2, but got size ${list.length}`);
  }
}

const named = (what: string, [h, w]: readonly number[]): string => `${what}_height: ${h} ${what}_width: ${w}`;

const windowChecks = {
  kernel_size: (list: readonly number[]) => {
    if (list.some((n) => n <= 0))
      refuse(`kernel size should be greater than zero, but got ${named('kernel', list)}`);
  },
  dilation: (list: readonly number[]) => {
    if (list.some((n) => n <= 0))
      refuse(`dilation should be greater than zero, but got ${named('dilation', list)}`);
  },
  padding: (list: readonly number[]) => {
    if (list.some((n) => n < 0)) refuse(`padding should be non-negative, but got ${named('pad', list)}`);
  },
  stride: (list: readonly number[]) => {
    if (list.some((n) => n <= 0))
      refuse(`stride should be greater than zero, but got ${named('stride', list)}`);
  },
};

const tuple = (list: readonly number[]): string => `(${list.join(', ')})`;
const described = ({ kernel_size, dilation, padding }: Window): string =>
  `kernel_size=${tuple(kernel_size)}, dilation=${tuple(dilation)}, padding=${tuple(padding)}`;

/** How many windows there are along both dimensions of an image. */
const blocks = (size: Shape, { kernel_size, dilation, padding, stride }: Window): number[] =>
  size.map((n, i) => {
    const reach = (dilation[i] as number) * ((kernel_size[i] as number) - 1) + 1;
    return Math.floor((n + 2 * (padding[i] as number) - reach) / (stride[i] as number)) + 1;
  });

/** The shape of the columns, or the complaint about what does not fit. */
function unfoldedShape(self: Value, given: Window): Shape {
  checkPairs({ ...windowOf(given) });
  for (const name of ['kernel_size', 'dilation', 'padding', 'stride'] as const)
    windowChecks[name](given[name]);
  const { shape, ndim } = self;
  if (ndim === 0) refuse('Dimension specified as 1 but tensor has no dimensions');
  const filled = shape[normalizeDim(1, ndim)] !== 0 && shape[normalizeDim(2, ndim)] !== 0;
  if (!filled || !((ndim === 3 && shape[0] !== 0) || (ndim === 4 && shape[3] !== 0))) {
    complain(
      'Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but ' +
        `got: [${shape.join(', ')}]`,
    );
  }
  const [channels, ...size] = shape.slice(-3) as [number, number, number];
  const [oh, ow] = blocks(size, given) as [number, number];
  if (oh < 1 || ow < 1) {
    complain(
      `Given input with spatial size ${tuple(size)}, ${described(given)}, calculated shape of the array of sliding ` +
        `blocks as ${tuple([oh, ow])}, but its components must be at least one.`,
    );
  }
  return [...shape.slice(0, -3), channels * product(given.kernel_size), oh * ow];
}

/** The shape of the images that columns are of, or the complaint about what does not fit. */
function foldedShape(self: Value, output_size: readonly number[], given: Window): Shape {
  checkPairs({ output_size, ...windowOf(given) });
  for (const name of ['kernel_size', 'stride', 'dilation', 'padding'] as const)
    windowChecks[name](given[name]);
  const { shape, ndim } = self;
  if ((ndim !== 2 && ndim !== 3) || shape.slice(-2).includes(0)) {
    complain(
      'Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, ' +
        `but got: [${shape.join(', ')}]`,
    );
  }
  const [rows, columns] = shape.slice(-2) as [number, number];
  const volume = product(given.kernel_size);
  if (rows % volume !== 0) {
    complain(
      "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got " +
        `input.size(1)=${rows} and kernel_size=${tuple(given.kernel_size)}.`,
    );
  }
  const [oh, ow] = blocks(output_size, given) as [number, number];
  const setting = `Given output_size=${tuple(output_size)}, ${described(given)}, stride=${tuple(given.stride)}`;
  if (oh * ow !== columns) {
    complain(
      `${setting}, expected size of input's dimension 2 to match the calculated number of sliding blocks ` +
        `${oh} * ${ow} = ${oh * ow}, but got input.size(2)=${columns}.`,
    );
  }
  if (oh < 1 || ow < 1) {
    complain(
      `${setting}, calculated shape of the array of sliding blocks as ${tuple([oh, ow])}, which is too small (non-positive)`,
    );
  }
  return [...shape.slice(0, -2), rows / volume, ...output_size];
}

/** Kernels count positions in int32. */
const FARTHEST = 2 ** 29;

/** What both kernels take behind the addresses, for an image of a size. */
function kernelArguments(channels: number, size: Shape, given: Window): number[] {
  const { kernel_size, stride, padding, dilation } = given;
  const reach = kernel_size.map((n, i) => n * (dilation[i] as number));
  const far = [...stride, ...padding, ...reach].find((n) => n > FARTHEST);
  if (far !== undefined) {
    const message = `A position of ${far} in an image exceeds the limit of ${FARTHEST}`;
    throw new GraddError('limit-exceeded', message);
  }
  return [channels, ...size, ...kernel_size, ...blocks(size, given), ...stride, ...padding, ...dilation];
}

function noIntegers(kernel: string, { dtype }: Value): void {
  if (facts[dtype].category === 1) notImplementedFor(kernel, dtype);
}

const positive = (name: string, factor: string, value: number): void => {
  if (value <= 0) refuse(`${name} expects a positive ${factor}, but got ${value}`);
};

function needsThree(name: string, { ndim }: Value): void {
  if (ndim >= 3) return;
  complain(`${name} expects input to have at least 3 dimensions, but got input with ${ndim} dimension(s)`);
}

function shuffledShape(input: Value, r: number): Shape {
  needsThree('pixel_shuffle', input);
  positive('pixel_shuffle', 'upscale_factor', r);
  if (r * r >= 2 ** 63)
    refuse(`upscale factor is too large, (upscale_factor)^2 overflowed: upscale_factor=${r}`);
  const [c, h, w] = input.shape.slice(-3) as [number, number, number];
  if (c % (r * r) !== 0) {
    complain(
      "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but " +
        `input.size(-3)=${c} is not divisible by ${r * r}`,
    );
  }
  return [...input.shape.slice(0, -3), c / (r * r), h * r, w * r];
}

function unshuffledShape(input: Value, r: number): Shape {
  needsThree('pixel_unshuffle', input);
  positive('pixel_unshuffle', 'downscale_factor', r);
  const [c, h, w] = input.shape.slice(-3) as [number, number, number];
  const whole = (size: number, dim: string, at: number): void => {
    if (size % r === 0) return;
    complain(
      `pixel_unshuffle expects ${dim} to be divisible by downscale_factor, but input.size(${at})=${size} is not ` +
        `divisible by ${r}`,
    );
  };
  whole(h, 'height', -2);
  whole(w, 'width', -1);
  // PyTorch returns what has no elements as it is.
  if (input.numel === 0) return input.shape;
  return [...input.shape.slice(0, -3), c * r * r, h / r, w / r];
}

function checkChannels(input: Value, groups: number): void {
  if (input.ndim <= 2) {
    complain(
      `channel_shuffle expects input with > 2 dims, but got input with sizes [${input.shape.join(', ')}]`,
    );
  }
  if (groups <= 0)
    refuse(`Number of groups to divide channels in must be positive. Value of groups:${groups}`);
  const c = input.size(1);
  if (c % groups !== 0)
    complain(`Number of channels must be divisible by groups. Got ${c} channels and ${groups} groups.`);
}

/** Images taken apart and put together in other ways. */
export const convolutionRearrangeOps = {
  'nn.functional.unfold': composite({
    doc: 'The blocks of images that a sliding window covers, as columns.',
    params: { input: tensor(), ...publicWindow },
    compose: ({ input, ...given }, { call }) => call('im2col', { self: input, ...windowOf(given) }),
  }),
  'nn.functional.fold': composite({
    doc: 'Images of columns as unfold makes them, overlapping elements added.',
    params: { input: tensor(), output_size: pair(), ...publicWindow },
    compose: ({ input, output_size, ...given }, { call }) =>
      call('col2im', { self: input, output_size, ...windowOf(given) }),
  }),
  im2col: op({
    doc: 'The blocks of images that a sliding window covers, as columns.',
    internal: true,
    gradFn: 'Im2ColBackward0',
    params: { self: tensor(), ...window },
    meta({ self, ...given }) {
      const shape = unfoldedShape(self, given);
      noIntegers('im2col_out_cpu', self);
      return { dtype: self.dtype, shape };
    },
    run({ self, ...given }, out, rt) {
      const [channels, ...size] = self.shape.slice(-3) as [number, number, number];
      const image = rt.contiguous(self);
      const bytes = facts[self.dtype].size;
      const [from, to] = [channels * product(size) * bytes, product(out.shape.slice(-2)) * bytes];
      const kernel = rt.moveKernel('im2col', self.dtype);
      const args = kernelArguments(channels, size, given);
      const batch = self.ndim === 4 ? self.size(0) : 1;
      for (let n = 0; n < batch; n++) {
        kernel(out.ptr + n * to, image.ptr + n * from, ...args);
        rt.checkTime();
      }
    },
    vjp: {
      self: ({ g, self, ...given }) =>
        g.apply('col2im', { self: g, output_size: self.shape.slice(-2), ...windowOf(given) }),
    },
  }),
  col2im: op({
    doc: 'Images of columns as im2col makes them, overlapping elements added.',
    internal: true,
    gradFn: 'Col2ImBackward0',
    params: { self: tensor(), output_size: ints(), ...window },
    meta({ self, output_size, ...given }) {
      const shape = foldedShape(self, output_size, given);
      noIntegers('col2im_out_cpu', self);
      return { dtype: self.dtype, shape };
    },
    run({ self, output_size, ...given }, out, rt) {
      rt.fill(out, 0);
      const channels = out.size(-3);
      const columns = rt.contiguous(self);
      const bytes = facts[self.dtype].size;
      const [from, to] = [product(self.shape.slice(-2)) * bytes, product(out.shape.slice(-3)) * bytes];
      const kernel = rt.kernelFor('col2im', self.dtype);
      const args = kernelArguments(channels, output_size, given);
      const batch = self.ndim === 3 ? self.size(0) : 1;
      for (let n = 0; n < batch; n++) {
        kernel(out.ptr + n * to, columns.ptr + n * from, ...args);
        rt.checkTime();
      }
    },
    vjp: { self: ({ g, ...given }) => g.apply('im2col', { self: g, ...windowOf(given) }) },
  }),
  'nn.functional.pixel_shuffle': op({
    doc: 'Channels rearranged into space: [r² c, h, w] to [c, r h, r w].',
    aliases: ['pixel_shuffle'],
    on: ['torch', 'F'],
    params: { input: tensor(), upscale_factor: int() },
    meta: ({ input, upscale_factor }) => ({
      dtype: input.dtype,
      shape: shuffledShape(input, upscale_factor),
    }),
    run({ input, upscale_factor: r }, out, rt) {
      const [c, , w] = out.shape.slice(-3) as [number, number, number];
      const [sc, sh, sw] = input.layout.strides.slice(-3) as [number, number, number];
      const shape = [...input.shape.slice(0, -3), c, input.size(-2), r, w / r, r];
      const strides = [...input.layout.strides.slice(0, -3), sc * r * r, sh, sc * r, sw, sc];
      rt.copyTo(out.ptr, rt.strided(input, shape, strides));
    },
    vjp: {
      input: ({ g, input, upscale_factor }) =>
        input.numel === 0
          ? input.zerosLike()
          : g.apply('nn.functional.pixel_unshuffle', { input: g, downscale_factor: upscale_factor }),
    },
  }),
  'nn.functional.pixel_unshuffle': op({
    doc: 'Space rearranged into channels: [c, r h, r w] to [r² c, h, w].',
    aliases: ['pixel_unshuffle'],
    on: ['torch', 'F'],
    params: { input: tensor(), downscale_factor: int() },
    meta: ({ input, downscale_factor }) => ({
      dtype: input.dtype,
      shape: unshuffledShape(input, downscale_factor),
    }),
    run({ input, downscale_factor: r }, out, rt) {
      if (input.numel === 0) return;
      const [c, h, w] = [input.size(-3), out.size(-2), out.size(-1)];
      const [sc, sh, sw] = input.layout.strides.slice(-3) as [number, number, number];
      const shape = [...input.shape.slice(0, -3), c, r, r, h, w];
      const strides = [...input.layout.strides.slice(0, -3), sc, sh, sw, sh * r, sw * r];
      rt.copyTo(out.ptr, rt.strided(input, shape, strides));
    },
    vjp: {
      input: ({ g, input, downscale_factor }) =>
        input.numel === 0
          ? input.zerosLike()
          : g.apply('nn.functional.pixel_shuffle', { input: g, upscale_factor: downscale_factor }),
    },
  }),
  'nn.functional.channel_shuffle': op({
    doc: 'Channels of groups in turn: the first of each group, then the second of each.',
    aliases: ['channel_shuffle'],
    on: ['torch', 'F'],
    params: { input: tensor(), groups: int() },
    meta({ input, groups }) {
      checkChannels(input, groups);
      return { dtype: input.dtype, shape: input.shape };
    },
    run({ input, groups }, out, rt) {
      const [n, c, ...rest] = input.shape as [number, number, ...number[]];
      const [sn, sc, ...steps] = input.layout.strides as [number, number, ...number[]];
      const size = c / groups;
      rt.copyTo(out.ptr, rt.strided(input, [n, size, groups, ...rest], [sn, sc, sc * size, ...steps]));
    },
    vjp: {
      input: ({ g, groups }) =>
        g.size(1) === 0
          ? g
          : g.apply('nn.functional.channel_shuffle', { input: g, groups: g.size(1) / groups }),
    },
  }),
} satisfies Record<string, Op>;
