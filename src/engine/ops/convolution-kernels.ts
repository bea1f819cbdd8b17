import { facts } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { product } from './fold.ts';
import type { Runtime } from './runtime.ts';

/** Depth, height and width; images of fewer dimensions have a depth and a height of 1. */
type Triple = readonly [number, number, number];

/**
 * A convolution is linear in each of three tensors: an image x [N, G C, …], weights w [G M, C, …] and an image g
 * [N, G M, …] that x has at most the size of: Σ x[n, c, s p + d k - padding] w[m, c, k] g[n, m, p]. One of the three is
 * computed from the other two, as the derivative for it.
 */
export interface Form {
  readonly groups: number;
  readonly stride: Triple;
  readonly padding: Triple;
  readonly dilation: Triple;
}

/** Multiplications that one call of a kernel may do, so that the clock is asked in between. */
const MAX_WORK = 2 ** 28;
/** Bytes that kernels may read behind the end of an image. */
const SLACK = 64;

/** Sizes of up to three dimensions, or strides, with those left out in front. */
export const triple = (sizes: readonly number[], missing: number): Triple =>
  [...new Array<number>(3 - sizes.length).fill(missing), ...sizes] as unknown as Triple;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

const perDimension = (f: (i: 0 | 1 | 2) => number): Triple => [f(0), f(1), f(2)];

/** The images of a tensor: its address, and strides in elements. */
function imagesOf(t: Tensor) {
  const [batch, channel, ...strides] = t.layout.strides as [number, number, ...number[]];
  const { size } = facts[t.dtype];
  return {
    n: t.shape[0] as number,
    shape: triple(t.shape.slice(2), 1),
    strides: triple(strides, 0),
    channel,
    /** The address of an image's first channel of a group, of `channels` each. */
    at: (n: number, group: number, channels: number) =>
      t.ptr + (n * batch + group * channels * channel) * size,
  };
}

/** An image with its margins in scratch memory: which positions it has, its strides, how its columns are sorted. */
interface Scratch {
  readonly ptr: number;
  readonly channels: number;
  readonly low: Triple;
  readonly size: Triple;
  readonly channel: number;
  readonly strides: Triple;
  readonly split: number;
  readonly pitch: number;
}

function scratchFor(
  rt: Runtime,
  t: Tensor,
  channels: number,
  low: Triple,
  size: Triple,
  split: number,
): Scratch {
  const pitch = Math.ceil(size[2] / split);
  const strides: Triple = [size[1] * split * pitch, split * pitch, 1];
  const channel = size[0] * strides[0];
  rt.admit(channels * channel);
  const ptr = rt.arena.alloc(channels * channel * facts[t.dtype].size + SLACK);
  return { ptr, channels, low, size, channel, strides, split, pitch };
}

/** Copies an image into scratch memory. */
function load(rt: Runtime, t: Tensor, scratch: Scratch, from: number): void {
  const { shape, strides, channel } = imagesOf(t);
  const { ptr, channels, low, size, split, pitch } = scratch;
  // Positions far outside of the image are as good as those next to it.
  const dims = ([0, 1, 2] as const).flatMap((i) => {
    const from = Math.max(-size[i], Math.min(shape[i], low[i]));
    return [shape[i], strides[i], from, size[i]];
  });
  rt.moveKernel('conv_image', t.dtype)(ptr, from, channels, channel, ...dims, split, pitch);
}

/** Rows of results that are computed alike. */
interface Grid {
  readonly size: Triple;
  /** Strides of the scratch image and of the results. */
  readonly image: Triple;
  readonly out: Triple;
}

/** Rows that follow each other in both are one. */
function joined({ size, image, out }: Grid): Grid {
  const [nz, ny, nx] = size;
  if (image[2] !== 1 || out[2] !== 1) return { size, image, out };
  if (image[1] !== nx || out[1] !== nx) return { size, image, out };
  const plane = nx * ny;
  if (image[0] !== plane || out[0] !== plane) {
    return { size: [nz, 1, plane], image: [image[0], plane, 1], out: [out[0], plane, 1] };
  }
  return { size: [1, 1, plane * nz], image: [0, 0, 1], out: [0, 0, 1] };
}

/** Calls `run` on parts of the grid of not too much work; offsets are in elements. */
function inParts(
  rt: Runtime,
  { size, image, out }: Grid,
  work: number,
  run: (size: Triple, image: number, out: number) => void,
): void {
  const [nz, ny, nx] = size;
  const wide = Math.min(nx, Math.max(64, Math.floor(MAX_WORK / work)));
  const high = wide < nx ? 1 : Math.min(ny, Math.max(1, Math.floor(MAX_WORK / (work * nx))));
  const deep = high < ny ? 1 : Math.min(nz, Math.max(1, Math.floor(MAX_WORK / (work * nx * ny))));
  for (let z = 0; z < nz; z += deep) {
    for (let y = 0; y < ny; y += high) {
      for (let x = 0; x < nx; x += wide) {
        const part: Triple = [Math.min(deep, nz - z), Math.min(high, ny - y), Math.min(wide, nx - x)];
        run(part, z * image[0] + y * image[1] + x * image[2], z * out[0] + y * out[1] + x * out[2]);
        rt.checkTime();
      }
    }
  }
}

/** The terms of a sum: their number, and addresses of their offsets in the scratch image and in the weights. */
interface Terms {
  readonly count: number;
  readonly image: number;
  readonly weight: number;
}

/** Where the terms of one dimension of the kernel are: their number and steps in both. */
interface Positions {
  readonly count: number;
  readonly image: number;
  readonly weight: number;
}

function termsOf(
  rt: Runtime,
  scratch: Scratch,
  weightChannel: number,
  first: { image: number; weight: number },
  dims: readonly Positions[],
): Terms {
  const count = scratch.channels * product(dims.map((dim) => dim.count));
  const image = rt.arena.alloc(4 * count);
  const weight = rt.arena.alloc(4 * count);
  const { channels, channel, split, pitch } = scratch;
  const steps = dims.flatMap((dim) => [dim.count, dim.image, dim.weight]);
  rt.kernel('conv_terms_i32')(
    image,
    weight,
    channels,
    channel,
    weightChannel,
    first.image,
    first.weight,
    ...steps,
    split,
    pitch,
  );
  return { count, image, weight };
}

/** Weights of all groups in the order in which a tile reads them; the result is the address of each group's. */
function packed(rt: Runtime, w: Tensor, terms: Terms, groups: number, m: number, step: number): number[] {
  const { size } = facts[w.dtype];
  const bytes = Math.ceil(m / 4) * 4 * terms.count * size;
  const pack = rt.kernelFor('conv_pack', w.dtype);
  return Array.from({ length: groups }, (_, group) => {
    const to = rt.arena.alloc(bytes);
    pack(to, w.ptr + ((group * w.numel) / groups) * size, terms.weight, m, step, terms.count);
    return to;
  });
}

/** What `correlate` and `weigh` read of x: the positions that g's are computed from. */
function window(rt: Runtime, x: Tensor, kernel: Triple, small: Triple, channels: number, form: Form) {
  const stride = perDimension((i) => (small[i] > 1 ? form.stride[i] : 1));
  const size = perDimension((i) => (small[i] - 1) * stride[i] + (kernel[i] - 1) * form.dilation[i] + 1);
  const low = perDimension((i) => -form.padding[i]);
  const scratch = scratchFor(rt, x, channels, low, size, stride[2]);
  const volume = product(kernel);
  const weights: Triple = [kernel[1] * kernel[2], kernel[2], 1];
  const dims = ([0, 1, 2] as const).map((i) => ({
    count: kernel[i],
    image: form.dilation[i] * scratch.strides[i],
    weight: weights[i],
  }));
  const terms = termsOf(rt, scratch, volume, { image: 0, weight: 0 }, dims);
  const [depth, height] = scratch.strides;
  const image: Triple = [stride[0] * depth, stride[1] * height, 1];
  const grid = joined({ size: small, image, out: [small[1] * small[2], small[2], 1] });
  return { scratch, terms, grid };
}

/** Fills `out`, a g, from x and w: the convolution. */
export function correlate(
  rt: Runtime,
  x: Tensor,
  w: Tensor,
  bias: Tensor | null,
  out: Tensor,
  form: Form,
): void {
  if (out.numel === 0) return;
  const mark = rt.arena.mark();
  const { groups } = form;
  const [images, results] = [imagesOf(x), imagesOf(out)];
  const [m, c] = [(w.shape[0] as number) / groups, w.shape[1] as number];
  const weights = rt.contiguous(w);
  const { scratch, terms, grid } = window(rt, x, triple(w.shape.slice(2), 1), results.shape, c, form);
  const panels = packed(rt, weights, terms, groups, m, terms.count);
  const { size } = facts[out.dtype];
  const kernel = rt.kernelFor('conv_rows', out.dtype);
  for (let n = 0; n < images.n; n++) {
    for (let group = 0; group < groups; group++) {
      load(rt, x, scratch, images.at(n, group, c));
      const to = results.at(n, group, m);
      const add = bias === null ? 0 : bias.ptr + group * m * size;
      inParts(rt, grid, m * terms.count, (part, from, offset) => {
        kernel(
          to + offset * size,
          add,
          panels[group] as number,
          scratch.ptr + from * size,
          terms.image,
          m,
          terms.count,
          ...part,
          grid.image[0],
          grid.image[1],
          results.channel,
          ...grid.out,
        );
      });
    }
  }
  rt.arena.release(mark);
}

/** Fills `out`, the gradient of the weights, from g and x. */
export function weigh(rt: Runtime, g: Tensor, x: Tensor, out: Tensor, form: Form): void {
  if (out.numel === 0) return;
  rt.fill(out, 0);
  if (g.numel === 0 || x.numel === 0) return;
  const mark = rt.arena.mark();
  const { groups } = form;
  const [images, grads] = [imagesOf(x), imagesOf(rt.contiguous(g))];
  const [m, c] = [(out.shape[0] as number) / groups, out.shape[1] as number];
  const { scratch, terms, grid } = window(rt, x, triple(out.shape.slice(2), 1), grads.shape, c, form);
  const { size } = facts[out.dtype];
  const kernel = rt.kernelFor('conv_weights', out.dtype);
  for (let n = 0; n < images.n; n++) {
    for (let group = 0; group < groups; group++) {
      load(rt, x, scratch, images.at(n, group, c));
      const from = grads.at(n, group, m);
      const to = out.ptr + group * m * terms.count * size;
      inParts(rt, grid, m * terms.count, (part, image, offset) => {
        kernel(
          to,
          from + offset * size,
          scratch.ptr + image * size,
          terms.image,
          m,
          terms.count,
          ...part,
          grid.image[0],
          grid.image[1],
          grads.channel,
          grid.out[0],
          grid.out[1],
        );
      });
    }
  }
  rt.arena.release(mark);
}

/**
 * The positions of one dimension of x with one remainder modulo the stride: those that the kernel positions `first`,
 * `first + step`, … reach.
 */
interface Phase {
  readonly first: number;
  readonly step: number;
  /** Kernel positions. */
  readonly terms: number;
  /** The position in g, counted from the scratch image's start, that the first of both come from. */
  readonly from: number;
  /** Where in g the next kernel position is. */
  readonly next: number;
  readonly count: number;
  readonly start: number;
}

function phasesOf(
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  large: number,
  low: number,
) {
  const common = gcd(stride, dilation);
  const step = stride / common;
  const phases: Phase[] = [];
  for (let first = 0; first < Math.min(kernel, step); first++) {
    const rest = (first * dilation) % stride;
    const begin = Math.ceil((padding - rest) / stride);
    const count = Math.floor((padding + large - 1 - rest) / stride) - begin + 1;
    if (count <= 0) continue;
    phases.push({
      first,
      step,
      terms: Math.ceil((kernel - first) / step),
      from: begin - low - (first * dilation - rest) / stride,
      next: -dilation / common,
      count,
      start: begin * stride + rest - padding,
    });
  }
  return { phases, complete: step === stride && kernel >= stride };
}

/** Fills `out`, an x, from g and w: the transposed convolution. */
export function spread(
  rt: Runtime,
  g: Tensor,
  w: Tensor,
  bias: Tensor | null,
  out: Tensor,
  form: Form,
): void {
  if (out.numel === 0) return;
  const mark = rt.arena.mark();
  const { groups, stride, padding, dilation } = form;
  const [images, results] = [imagesOf(g), imagesOf(out)];
  const large = results.shape;
  const kernel = triple(w.shape.slice(2), 1);
  const [m, c] = [(w.shape[0] as number) / groups, w.shape[1] as number];
  const reach = perDimension((i) => Math.floor(((kernel[i] - 1) * dilation[i]) / stride[i]));
  const low = perDimension((i) => Math.floor(padding[i] / stride[i]) - reach[i]);
  const high = perDimension((i) => Math.floor((padding[i] + large[i] - 1) / stride[i]));
  const scratch = scratchFor(
    rt,
    g,
    m,
    low,
    perDimension((i) => high[i] - low[i] + 1),
    1,
  );
  const { size } = facts[out.dtype];
  const lines: Triple = [large[1] * large[2], large[2], 1];
  const weights = rt.contiguous(w);
  const found = ([0, 1, 2] as const).map((i) =>
    phasesOf(kernel[i], stride[i], padding[i], dilation[i], large[i], low[i]),
  );
  const parts = tuples(found.map(({ phases }) => phases)).map((phases) => {
    const along = (f: (phase: Phase, i: 0 | 1 | 2) => number) =>
      perDimension((i) => f(phases[i] as Phase, i));
    const weightSteps: Triple = [kernel[1] * kernel[2], kernel[2], 1];
    const terms = termsOf(
      rt,
      scratch,
      c * product(kernel),
      { image: 0, weight: sum(along(({ first }, i) => first * weightSteps[i])) },
      phases.map(({ terms: count, next, step }, i) => ({
        count,
        image: next * (scratch.strides[i] as number),
        weight: step * (weightSteps[i] as number),
      })),
    );
    return {
      terms,
      panels: packed(rt, weights, terms, groups, c, product(kernel)),
      image: scratch.ptr + sum(along(({ from }, i) => from * scratch.strides[i])) * size,
      start: sum(along(({ start }, i) => start * lines[i])) * size,
      grid: joined({
        size: along(({ count }) => count),
        image: scratch.strides,
        out: perDimension((i) => stride[i] * lines[i]),
      }),
    };
  });
  const complete = found.every((each) => each.complete);
  const rows = rt.kernelFor('conv_rows', out.dtype);
  if (!complete && bias === null) rt.fill(out, 0);
  for (let n = 0; n < images.n; n++) {
    for (let group = 0; group < groups; group++) {
      load(rt, g, scratch, images.at(n, group, m));
      const to = results.at(n, group, c);
      const add = bias === null ? 0 : bias.ptr + group * c * size;
      if (!complete && bias !== null) rt.kernelFor('conv_bias', out.dtype)(to, add, c, results.channel);
      for (const { terms, panels, image, start, grid } of parts) {
        inParts(rt, grid, c * terms.count, (part, from, offset) => {
          rows(
            to + start + offset * size,
            add,
            panels[group] as number,
            image + from * size,
            terms.image,
            c,
            terms.count,
            ...part,
            grid.image[0],
            grid.image[1],
            results.channel,
            ...grid.out,
          );
        });
      }
    }
  }
  rt.arena.release(mark);
}

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** Every choice of one of each list. */
function tuples<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((found, list) => found.flatMap((head) => list.map((x) => [...head, x])), [[]]);
}
