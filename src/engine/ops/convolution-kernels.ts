import { facts } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  eachImage,
  type Form,
  fillRows,
  imagesOf,
  inParts,
  joined,
  load,
  packed,
  perDimension,
  scratchFor,
  type Triple,
  termsOf,
  triple,
} from './convolution-scratch.ts';
import { product } from './fold.ts';
import type { Runtime } from './runtime.ts';

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
  const { dtype } = out;
  eachImage(images.n, groups, (n, group) => {
    load(rt, x, scratch, images.at(n, group, c));
    fillRows(rt, {
      dtype,
      to: results.at(n, group, m),
      bias: bias === null ? 0 : bias.ptr + group * m * facts[dtype].size,
      panel: panels[group] as number,
      image: scratch.ptr,
      terms,
      channels: m,
      step: results.channel,
      grid,
    });
  });
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
  const strides = [grid.image[0], grid.image[1], grads.channel, grid.out[0], grid.out[1]];
  eachImage(images.n, groups, (n, group) => {
    load(rt, x, scratch, images.at(n, group, c));
    const from = grads.at(n, group, m);
    const to = out.ptr + group * m * terms.count * size;
    inParts(rt, grid, m * terms.count, (part, image, offset) => {
      const [grad, source] = [from + offset * size, scratch.ptr + image * size];
      kernel(to, grad, source, terms.image, m, terms.count, ...part, ...strides);
    });
  });
  rt.arena.release(mark);
}
