import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { normalizeDim, normalizeDims } from '../tensor/layout.ts';
import { type Interpreter, Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { attr, int, kw, maybeInts, scalarSchema, tensor } from './params.ts';

const invalid = (message: string): GraddError => new GraddError('invalid-argument', message);

/** A tensor among the items of a list, which is a reference until the graph runs. */
const reference = z.custom<Value>(
  (item) => typeof item === 'object' && item !== null && !Array.isArray(item),
);

/** One number for all dimensions, a number for each, or a vector of coordinates for each. */
const spacings = kw(
  attr(
    'Number, tuple of Scalars or tuple of Tensors',
    z.union([scalarSchema, z.array(z.union([scalarSchema, reference])), z.null()]),
    null,
  ),
);

type Spacing = number | bigint | boolean | Value;

function checkGradient(self: Value, count: number | null, dim: number[] | null, order: number): void {
  if (count !== null && dim === null && count !== self.ndim) {
    throw invalid(
      `torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = ${self.ndim}', ` +
        `since dim argument was not given, but got a list of length ${count}`,
    );
  }
  if (count !== null && dim !== null && count !== dim.length) {
    throw invalid(
      "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, " +
        `but got a spacing argument of length ${count} and a dim argument of length ${dim.length}.`,
    );
  }
  if (order !== 1 && order !== 2) {
    throw invalid('torch.gradient only supports edge_order=1 and edge_order=2.');
  }
  const dims = dim === null ? self.shape.map((_, i) => i) : normalizeDims(dim, self.ndim);
  if (self.ndim === 0 && dims.length > 0) {
    throw invalid(`Dimension specified as ${dim?.[0]} but tensor has no dimensions`);
  }
  if (dims.some((d) => (self.shape[d] ?? 1) < order + 1)) {
    throw new GraddError(
      'shape-mismatch',
      'torch.gradient expected each dimension size to be at least edge_order+1',
    );
  }
}

/** `list` as spacings: all numbers, or all tensors of one dimension. */
function checkSpacings(list: readonly unknown[]): Spacing[] {
  const first = list[0] instanceof Value;
  list.forEach((item, i) => {
    if (item instanceof Value === first) return;
    throw invalid(
      `expected ${first ? 'Tensor' : 'Number'} as element ${i} in argument 1, but got ${first ? 'float' : 'Tensor'}`,
    );
  });
  return list as Spacing[];
}

/** Slices of a tensor along one dimension, as Python writes them. */
function slicer(self: Value, dim: number) {
  return (start: number, end: number | null = null): Value =>
    self.apply('slice', { self, dim, start, end, step: 1 });
}

/** Differences with steps of one size. */
function evenGradient(self: Value, dim: number, step: Exclude<Spacing, Value>, order: number, call: Call) {
  const at = slicer(self, dim);
  const over = (x: Value, other: unknown): Value => call('div.Scalar', { self: x, other }) as Value;
  const times = (x: Value, other: number): Value => call('mul.Scalar', { self: x, other }) as Value;
  const center = over(over(at(2).sub(at(0, -2)), step), 2);
  if (order === 1) {
    return [over(at(1, 2).sub(at(0, 1)), step), center, over(at(-1).sub(at(-2, -1)), step)];
  }
  const before = times(at(0, 1), -1.5)
    .add(times(at(1, 2), 2))
    .sub(times(at(2, 3), 0.5));
  const after = times(at(-3, -2), 0.5)
    .sub(times(at(-2, -1), 2))
    .add(times(at(-1), 1.5));
  return [over(before, step), center, over(after, step)];
}

type Call = Interpreter['call'];

/** Differences between points at given coordinates. */
function unevenGradient(self: Value, dim: number, points: Value, order: number, call: Call): Value[] {
  const at = slicer(self, dim);
  const steps = points.apply('diff', { self: points, n: 1, dim: 0 });
  const shape = self.shape.map((_, i) => (i === dim ? -1 : 1));
  const [h, k] = [slicer(steps, 0)(0, -1), slicer(steps, 0)(1)];
  const a = k
    .neg()
    .div(h.mul(h.add(k)))
    .reshape(shape);
  const b = k.sub(h).div(h.mul(k)).reshape(shape);
  const c = h.div(k.mul(h.add(k))).reshape(shape);
  const center = a
    .mul(at(0, -2))
    .add(b.mul(at(1, -1)))
    .add(c.mul(at(2)));
  const step = (i: number): Value => steps.select(0, i);
  if (order === 1) {
    return [at(1, 2).sub(at(0, 1)).div(step(0)), center, at(-1).sub(at(-2, -1)).div(step(-1))];
  }
  const before = endWeights(step, 0, 1, call);
  const after = endWeights(step, -1, -2, call).reverse();
  return [
    weighted(before, [at(0, 1), at(1, 2), at(2, 3)]),
    center,
    weighted(after, [at(-3, -2), at(-2, -1), at(-1)]),
  ];
}

const weighted = (weights: readonly Value[], parts: readonly Value[]): Value =>
  weights.map((w, i) => w.mul(parts[i] as Value)).reduce((sum, x) => sum.add(x));

/** The weights of the three elements at an end, the outermost first, by the outermost step and the next. */
function endWeights(step: (i: number) => Value, x: number, y: number, call: Call): Value[] {
  const sum = (): Value => step(x).add(step(y));
  const signed = (negative: boolean, value: Value): Value => (negative ? value.neg() : value);
  const start = x === 0;
  const twice = call('mul.Scalar', { self: step(x), other: 2 }) as Value;
  return [
    signed(start, twice.add(step(y))).div(step(x).mul(sum())),
    signed(!start, sum()).div(step(x).mul(step(y))),
    signed(start, step(x)).div(step(y).mul(sum())),
  ];
}

/** The gradient of a function that is known at the points of a grid. */
export const gradientOps = {
  gradient: composite({
    doc: 'Central differences along each dimension, of a function known at the points of a grid.',
    on: ['torch'],
    params: { self: tensor(), spacing: spacings, dim: kw(maybeInts()), edge_order: kw(int(1)) },
    compose({ self, spacing, dim, edge_order }, { call }) {
      const list = Array.isArray(spacing) ? checkSpacings(spacing) : null;
      checkGradient(self, list?.length ?? null, dim, edge_order);
      const dims = dim ?? self.shape.map((_, i) => i);
      const step = (i: number): Spacing => list?.[i] ?? (spacing as Spacing | null) ?? 1;
      list?.forEach((points) => {
        if (!(points instanceof Value) || points.ndim === 1) return;
        const message = `torch.gradient expected each element of spacing to have one dimension, but got an element with ${points.ndim} dimensions!`;
        throw new GraddError('shape-mismatch', message);
      });
      return dims.map((each, i) => {
        const d = normalizeDim(each, self.ndim);
        const by = step(i);
        const tensors =
          by instanceof Value
            ? unevenGradient(self, d, by, edge_order, call)
            : evenGradient(self, d, by, edge_order, call);
        return call('cat', { tensors, dim: d }) as Value;
      });
    },
  }),
} satisfies Record<string, Op>;
