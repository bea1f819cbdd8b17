import { expect, test } from 'vitest';
import { Engine, GraddError } from '../../src/engine/index.ts';
import { type Data, evaluate, random } from '../support/engine.ts';

const engine = new Engine();

interface Setting {
  stride: number[];
  padding: number[];
  dilation: number[];
  groups: number;
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Every index of a shape. */
function* indices(shape: readonly number[]): Generator<number[]> {
  for (let i = 0; i < size(shape); i++) {
    let rest = i;
    yield shape.map((_, d) => {
      const step = size(shape.slice(d + 1));
      const at = Math.floor(rest / step);
      rest %= step;
      return at;
    });
  }
}

const flat = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((sum, at, d) => sum * (shape[d] as number) + at, 0);

/** Calls `term` for every product of a convolution of x with w: positions in x, w and the result. */
function terms(
  x: readonly number[],
  w: readonly number[],
  out: readonly number[],
  { stride, padding, dilation, groups }: Setting,
  term: (x: number, w: number, out: number) => void,
): void {
  const perGroup = (w[0] as number) / groups;
  for (const at of indices(out)) {
    const [n, m, ...p] = at as [number, number, ...number[]];
    for (const [c, ...k] of indices(w.slice(1)) as Iterable<[number, ...number[]]>) {
      const from = p.map((i, d) => {
        const start = i * (stride[d] as number) - (padding[d] as number);
        return start + (k[d] as number) * (dilation[d] as number);
      });
      if (from.some((i, d) => i < 0 || i >= (x[d + 2] as number))) continue;
      const channel = Math.floor(m / perGroup) * (w[1] as number) + c;
      term(flat([n, channel, ...from], x), flat([m, c, ...k], w), flat(at, out));
    }
  }
}

const draw = (next: () => number, low: number, high: number): number =>
  low + Math.floor(next() * (high - low + 1));

/** A convolution of random form; widths beside and beyond those of the kernels' tiles. */
function sample(seed: number) {
  const next = random(seed);
  const dims = draw(next, 1, 3);
  const each = (low: number, high: number) => Array.from({ length: dims }, () => draw(next, low, high));
  const kernel = each(1, 4);
  const setting = { stride: each(1, 4), padding: each(0, 3), dilation: each(1, 3), groups: draw(next, 1, 3) };
  const small = each(1, 4).with(-1, draw(next, 1, 70));
  const [n, m, c] = [draw(next, 1, 2), draw(next, 1, 6), draw(next, 1, 3)];
  const large = small.map((p, d) => {
    const reach = (setting.dilation[d] as number) * ((kernel[d] as number) - 1) + 1;
    const exact = (p - 1) * (setting.stride[d] as number) + reach - 2 * (setting.padding[d] as number);
    return exact + draw(next, 0, (setting.stride[d] as number) - 1);
  });
  const shapes = {
    x: [n, setting.groups * c, ...large],
    w: [setting.groups * m, c, ...kernel],
    g: [n, setting.groups * m, ...small],
  };
  const numbers = (shape: number[]): number[] => Array.from({ length: size(shape) }, () => 2 * next() - 1);
  return { setting, shapes, x: numbers(shapes.x), w: numbers(shapes.w), g: numbers(shapes.g) };
}

const seeds = Array.from({ length: 80 }, (_, i) => i).filter((seed) =>
  sample(seed).shapes.x.every((n) => n > 0),
);

test.each(seeds)('form %i: the convolution and its gradients are sums of products', (seed) => {
  const { setting, shapes, x, w, g } = sample(seed);
  const want = {
    out: new Float64Array(g.length),
    x: new Float64Array(x.length),
    w: new Float64Array(w.length),
  };
  terms(shapes.x, shapes.w, shapes.g, setting, (i, j, o) => {
    (want.out[o] as number) += (x[i] as number) * (w[j] as number);
    (want.x[i] as number) += (g[o] as number) * (w[j] as number);
    (want.w[j] as number) += (g[o] as number) * (x[i] as number);
  });
  for (const [dtype, digits] of [
    ['float64', 1e-12],
    ['float32', 2e-5],
  ] as const) {
    const leaf = (shape: number[], data: number[]) => ({ dtype, shape, data, requiresGrad: true });
    const near = (got: Data, expected: Float64Array): void => {
      const off = got.data.map((a, i) => Math.abs(Number(a) - (expected[i] as number)));
      expect(Math.max(...off)).toBeLessThan(digits * Math.sqrt(size(shapes.w) + size(shapes.g)));
    };
    const attrs = { bias: null, output_padding: [0], ...setting };
    const run = (transposed: boolean, first: ReturnType<typeof leaf>, cotangent: number[], shape: number[]) =>
      evaluate(engine, {
        graph: {
          nodes: [{ name: 'y', op: 'convolution', inputs: ['a', 'w'], attrs: { ...attrs, transposed } }],
        },
        leaves: { a: first, w: leaf(shapes.w, w) },
        backward: { y: { dtype, shape, data: cotangent } },
      });
    const forward = run(false, leaf(shapes.x, x), g, shapes.g);
    near(forward.outputs.y as Data, want.out);
    near(forward.gradients.a as Data, want.x);
    near(forward.gradients.w as Data, want.w);
    const extra = shapes.x.slice(2).map((n, d) => {
      const reach = (setting.dilation[d] as number) * ((shapes.w[d + 2] as number) - 1) + 1;
      const exact = ((shapes.g[d + 2] as number) - 1) * (setting.stride[d] as number) + reach;
      return n + 2 * (setting.padding[d] as number) - exact;
    });
    attrs.output_padding = extra;
    const back = run(true, leaf(shapes.g, g), x, shapes.x);
    near(back.outputs.y as Data, want.x);
    near(back.gradients.a as Data, want.out);
    near(back.gradients.w as Data, want.w);
  }
});

test('many of the forms are tried', () => {
  expect(seeds.length).toBeGreaterThan(40);
});

const image = { dtype: 'float64' as const, shape: [1, 4, 5, 5], data: new Array<number>(100).fill(1) };
const weight = { dtype: 'float64' as const, shape: [6, 4, 3, 3], data: new Array<number>(216).fill(1) };

test.each([
  [{ padding: -1 }, 'negative padding is not supported'],
  [{ stride: 0 }, 'non-positive stride is not supported'],
  [{ groups: 0 }, 'non-positive groups is not supported'],
  [{ dilation: 0 }, 'dilation should be greater than zero, but got [0, 0]'],
  [{ padding: 'same', stride: 2 }, "padding='same' is not supported for strided convolutions"],
  [{ padding: 'odd' }, "Invalid padding string: 'odd'"],
  [
    { groups: 2 },
    'Given groups=2, weight of size [6, 4, 3, 3], expected input[1, 4, 5, 5] to have 8 channels, but got 4 channels instead',
  ],
  [
    { dilation: 3 },
    "Calculated padded input size per channel: (5 x 5). Kernel size: (7 x 7). Kernel size can't be greater than actual input size",
  ],
] as [Record<string, unknown>, string][])('conv2d with %j complains as PyTorch does', (attrs, message) => {
  const leaves = { x: { ...image, requiresGrad: false }, w: { ...weight, requiresGrad: false } };
  const graph = { nodes: [{ name: 'y', op: 'nn.functional.conv2d', inputs: ['x', 'w'], attrs }] };
  const run = () => evaluate(engine, { graph, leaves, backward: false });
  expect(run).toThrow(GraddError);
  expect(run).toThrow(message);
});
