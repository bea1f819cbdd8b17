import { type DType, facts } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { product } from './fold.ts';
import type { Runtime } from './runtime.ts';

/** Depth, height and width; images of fewer dimensions have a depth and a height of 1. */
export type Triple = readonly [number, number, number];

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

export const perDimension = (f: (i: 0 | 1 | 2) => number): Triple => [f(0), f(1), f(2)];

/** The images of a tensor: its address, and strides in elements. */
export function imagesOf(t: Tensor) {
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
export interface Scratch {
  readonly ptr: number;
  readonly channels: number;
  readonly low: Triple;
  readonly size: Triple;
  readonly channel: number;
  readonly strides: Triple;
  readonly split: number;
  readonly pitch: number;
}

export function scratchFor(
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
export function load(rt: Runtime, t: Tensor, scratch: Scratch, from: number): void {
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
export interface Grid {
  readonly size: Triple;
  /** Strides of the scratch image and of the results. */
  readonly image: Triple;
  readonly out: Triple;
}

/** Rows that follow each other in both are one. */
export function joined({ size, image, out }: Grid): Grid {
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
export function inParts(
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
export interface Terms {
  readonly count: number;
  readonly image: number;
  readonly weight: number;
}

/** Where the terms of one dimension of the kernel are: their number and steps in both. */
export interface Positions {
  readonly count: number;
  readonly image: number;
  readonly weight: number;
}

export function termsOf(
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
export function packed(
  rt: Runtime,
  w: Tensor,
  terms: Terms,
  groups: number,
  m: number,
  step: number,
): number[] {
  const { size } = facts[w.dtype];
  const bytes = Math.ceil(m / 4) * 4 * terms.count * size;
  const pack = rt.kernelFor('conv_pack', w.dtype);
  return Array.from({ length: groups }, (_, group) => {
    const to = rt.arena.alloc(bytes);
    pack(to, w.ptr + ((group * w.numel) / groups) * size, terms.weight, m, step, terms.count);
    return to;
  });
}

/** Results of one image and group: where they go, what they are computed from. */
interface Rows {
  readonly dtype: DType;
  readonly to: number;
  /** The address of the biases, or 0. */
  readonly bias: number;
  readonly panel: number;
  readonly image: number;
  readonly terms: Terms;
  readonly channels: number;
  /** Elements from one channel of the results to the next. */
  readonly step: number;
  readonly grid: Grid;
}

/** Computes rows of results. */
export function fillRows(rt: Runtime, rows: Rows): void {
  const { to, bias, panel, image, terms, channels, grid } = rows;
  const { size } = facts[rows.dtype];
  const kernel = rt.kernelFor('conv_rows', rows.dtype);
  inParts(rt, grid, channels * terms.count, (part, from, offset) => {
    const [source, out] = [image + from * size, to + offset * size];
    const strides = [grid.image[0], grid.image[1], rows.step, ...grid.out];
    kernel(out, bias, panel, source, terms.image, channels, terms.count, ...part, ...strides);
  });
}

/** Calls `body` for each group of each image. */
export function eachImage(images: number, groups: number, body: (n: number, group: number) => void): void {
  for (let n = 0; n < images; n++) for (let group = 0; group < groups; group++) body(n, group);
}
