import { facts } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  eachImage,
  type Form,
  fillRows,
  type Grid,
  imagesOf,
  joined,
  load,
  packed,
  perDimension,
  type Scratch,
  scratchFor,
  type Terms,
  type Triple,
  termsOf,
  triple,
} from './convolution-scratch.ts';
import { product } from './fold.ts';
import type { Runtime } from './runtime.ts';

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

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

/** The image g with as many zeros around it as the positions of x reach. */
function surrounded(rt: Runtime, g: Tensor, m: number, kernel: Triple, large: Triple, form: Form): Scratch {
  const { stride, padding, dilation } = form;
  const reach = perDimension((i) => Math.floor(((kernel[i] - 1) * dilation[i]) / stride[i]));
  const low = perDimension((i) => Math.floor(padding[i] / stride[i]) - reach[i]);
  const high = perDimension((i) => Math.floor((padding[i] + large[i] - 1) / stride[i]));
  const size = perDimension((i) => high[i] - low[i] + 1);
  return scratchFor(rt, g, m, low, size, 1);
}

/** The results that are computed from the same weights. */
interface Part {
  readonly terms: Terms;
  /** The weights of each group. */
  readonly panels: readonly number[];
  /** Where the first result and what it is computed from are, in elements. */
  readonly image: number;
  readonly start: number;
  readonly grid: Grid;
}

/** The results at one phase of each dimension. */
function partOf(
  rt: Runtime,
  scratch: Scratch,
  w: Tensor,
  phases: readonly Phase[],
  large: Triple,
  { groups, stride }: Form,
): Part {
  const kernel = triple(w.shape.slice(2), 1);
  const volume = product(kernel);
  const c = w.shape[1] as number;
  const steps: Triple = [kernel[1] * kernel[2], kernel[2], 1];
  const lines: Triple = [large[1] * large[2], large[2], 1];
  const along = (f: (phase: Phase, i: 0 | 1 | 2) => number) => perDimension((i) => f(phases[i] as Phase, i));
  const dims = ([0, 1, 2] as const).map((i) => {
    const { terms, next, step } = phases[i] as Phase;
    return { count: terms, image: next * scratch.strides[i], weight: step * steps[i] };
  });
  const first = { image: 0, weight: sum(along((phase, i) => phase.first * steps[i])) };
  const terms = termsOf(rt, scratch, c * volume, first, dims);
  return {
    terms,
    panels: packed(rt, w, terms, groups, c, volume),
    image: sum(along(({ from }, i) => from * scratch.strides[i])),
    start: sum(along(({ start }, i) => start * lines[i])),
    grid: joined({
      size: along(({ count }) => count),
      image: scratch.strides,
      out: perDimension((i) => stride[i] * lines[i]),
    }),
  };
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
  const weights = rt.contiguous(w);
  const scratch = surrounded(rt, g, m, kernel, large, form);
  const found = ([0, 1, 2] as const).map((i) =>
    phasesOf(kernel[i], stride[i], padding[i], dilation[i], large[i], scratch.low[i]),
  );
  const parts = tuples(found.map(({ phases }) => phases)).map((phases) =>
    partOf(rt, scratch, weights, phases, large, form),
  );
  const complete = found.every((each) => each.complete);
  const { dtype } = out;
  const { size } = facts[dtype];
  if (!complete && bias === null) rt.fill(out, 0);
  eachImage(images.n, groups, (n, group) => {
    load(rt, g, scratch, images.at(n, group, m));
    const to = results.at(n, group, c);
    const add = bias === null ? 0 : bias.ptr + group * c * size;
    if (!complete && bias !== null) rt.kernelFor('conv_bias', dtype)(to, add, c, results.channel);
    for (const { terms, panels, image, start, grid } of parts) {
      fillRows(rt, {
        dtype,
        to: to + start * size,
        bias: add,
        panel: panels[group] as number,
        image: scratch.ptr + image * size,
        terms,
        channels: c,
        step: results.channel,
        grid,
      });
    }
  });
  rt.arena.release(mark);
}

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** Every choice of one of each list. */
function tuples<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((found, list) => found.flatMap((head) => list.map((x) => [...head, x])), [[]]);
}
