import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { type DType, isFloat, notImplementedFor } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Value } from '../tensor/value.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { anyNumber, attr, flag, int, kw, maybeTensor, number, scalar, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

const invalid = (message: string): GraddError => new GraddError('invalid-argument', message);

/** A number as C++ prints it. */
function printed(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  return String(Number(x.toPrecision(6))).replace(/e([+-])(\d)$/, 'e$10$2');
}

function checkBins(bins: number): void {
  if (bins <= 0) throw invalid(`torch.histogram(): bins must be > 0, but got ${bins} for dimension 0`);
}

/** Runs a kernel that may find a range that is not finite; `complaint` says so of the ends. */
function ranged(
  rt: Runtime,
  name: string,
  self: Tensor,
  out: Tensor,
  args: readonly number[],
  complaint: (low: string, high: string) => string,
): void {
  const range = rt.empty(self.dtype, [2]);
  const suffix = self.dtype === 'float64' ? 'f64' : 'f32';
  const source = rt.contiguous(self).ptr;
  if (rt.status(`${name}_${suffix}`, out.ptr, source, range.ptr, self.numel, ...args) === 0) return;
  const end = (i: number): string =>
    printed(Number(rt.read(range.ptr + i * (suffix === 'f64' ? 8 : 4), self.dtype)));
  throw new GraddError('numerical-error', complaint(end(0), end(1)));
}

const floatNames: Record<DType, string> = {
  float64: 'double',
  float32: 'float',
  int64: 'long int',
  int32: 'int',
  bool: 'bool',
};

function checkWeight(self: Value, weight: Value | null): void {
  if (weight === null) return;
  if (weight.numel !== self.numel) {
    throw new GraddError(
      'shape-mismatch',
      'torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding ' +
        `its innermost dimension, but got input with shape [${self.numel}, 1] and weight with shape [${weight.numel}]`,
    );
  }
  if (weight.dtype !== self.dtype) {
    throw new GraddError(
      'dtype-mismatch',
      'torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, ' +
        `but got input(${floatNames[self.dtype]}), and weight(${floatNames[weight.dtype]})`,
    );
  }
}

function checkEdges(self: Value, edges: Value): void {
  if (edges.dtype !== self.dtype) {
    throw new GraddError(
      'dtype-mismatch',
      'torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype ' +
        `${floatNames[self.dtype]} and bins for dimension 0 with dtype ${floatNames[edges.dtype]}`,
    );
  }
  if (edges.ndim !== 1) {
    throw new GraddError(
      'shape-mismatch',
      `torch.histogramdd: bins tensor should have one dimension, but got ${edges.ndim} dimensions in the bins tensor for dimension 0`,
    );
  }
  if (edges.numel === 0) {
    throw new GraddError(
      'shape-mismatch',
      'torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for dimension 0',
    );
  }
  checkBins(edges.numel - 1);
}

function checkRange(range: readonly number[] | null): void {
  if (range === null) return;
  if (range.length !== 2) {
    throw invalid(
      `torch.histogramdd: for a 1-dimensional histogram range should have 2 elements, but got ${range.length}`,
    );
  }
  const [min, max] = range as [number, number];
  if (!Number.isFinite(min) || !Number.isFinite(max)) {
    throw invalid(`torch.histogramdd: dimension 0's range [${printed(min)}, ${printed(max)}] is not finite`);
  }
  if (min > max) {
    throw invalid(
      `torch.histogramdd: min should not exceed max, but got min ${printed(min)} max ${printed(max)} for dimension 0`,
    );
  }
}

const rangeParam = kw(attr('tuple of floats', z.array(anyNumberLike()).nullable(), null));

/** Floats, and ints as floats. */
function anyNumberLike() {
  return z.union([anyNumber, z.bigint().transform(Number), z.boolean().transform(Number)]);
}

/** Counting into bins. */
export const histogramOps = {
  histc: op({
    doc: 'How many elements fall into each of `bins` equal bins between min and max.',
    params: { self: tensor(), bins: int(100), min: scalar(0), max: scalar(0) },
    meta({ self, bins, min, max }) {
      checkBins(bins);
      const [low, high] = [Number(min), Number(max)];
      if (low > high) throw invalid('torch.histc: max must be larger than min');
      if (self.dtype === 'bool') notImplementedFor('linspace_cpu', self.dtype);
      if (!Number.isFinite(low) || !Number.isFinite(high)) {
        throw invalid(`torch.histc: range of [${printed(low)}, ${printed(high)}] is not finite`);
      }
      if (!isFloat(self.dtype)) notImplementedFor('histogram_cpu', self.dtype);
      return { dtype: self.dtype, shape: [bins] };
    },
    run: ({ self, bins, min, max }, out, rt) =>
      ranged(
        rt,
        'histc',
        self,
        out,
        [bins, Number(min), Number(max)],
        (low, high) => `torch.histc: range of [${low}, ${high}] is not finite`,
      ),
    vjp: null,
  }),
  _histogram_edges: op({
    doc: 'The edges of equal bins.',
    internal: true,
    params: { self: tensor(), bins: int(), min: scalar(), max: scalar(), given: flag() },
    meta({ self, bins }) {
      if (!isFloat(self.dtype)) notImplementedFor('histogramdd', self.dtype);
      return { dtype: self.dtype, shape: [bins + 1] };
    },
    run: ({ self, bins, min, max, given }, out, rt) =>
      ranged(
        rt,
        'histogram_edges',
        self,
        out,
        [bins, Number(min), Number(max), Number(given)],
        (low, high) => `torch.histogramdd: dimension 0's range [${low}, ${high}] is not finite`,
      ),
    vjp: null,
  }),
  _histogram: manyOp({
    doc: 'How many elements fall between edges.',
    internal: true,
    params: { self: tensor(), edges: tensor(), weight: maybeTensor(), density: flag() },
    meta({ self, edges }) {
      if (!isFloat(self.dtype)) notImplementedFor('histogramdd', self.dtype);
      return [
        { dtype: self.dtype, shape: [edges.numel - 1] },
        { dtype: self.dtype, shape: edges.shape },
      ];
    },
    run({ self, edges, weight, density }, [hist, copied], rt) {
      const [out, bounds] = [hist as Tensor, copied as Tensor];
      rt.copyTo(bounds.ptr, edges);
      const by = weight === null ? 0 : rt.contiguous(weight).ptr;
      const kernel = rt.kernelFor('histogram', self.dtype);
      kernel(out.ptr, rt.contiguous(self).ptr, bounds.ptr, by, self.numel, out.numel, Number(density));
    },
    vjp: null,
  }),
  histogram: composite({
    doc: 'How many elements (or the sum of whose weights) fall into each bin, and the edges of the bins.',
    fields: ['hist', 'bin_edges'],
    params: {
      self: tensor(),
      bins: { ...number(), required: false, default: 100n },
      range: rangeParam,
      weight: kw(maybeTensor()),
      density: kw(flag()),
    },
    compose({ self, bins, range, weight, density }, { call }) {
      if (bins instanceof Value) {
        if (range !== null) {
          throw invalid('histogram() received an invalid combination of arguments - got bins and range');
        }
        checkEdges(self, bins);
        checkWeight(self, weight);
        return call('_histogram', { self, edges: bins, weight, density });
      }
      if (typeof bins !== 'bigint' && !Number.isInteger(bins)) {
        throw invalid("histogram(): argument 'bins' must be int, not float");
      }
      checkBins(Number(bins));
      checkRange(range);
      checkWeight(self, weight);
      const [min, max] = range ?? [0, 1];
      const given = range !== null;
      const edges = call('_histogram_edges', { self, bins: Number(bins), min, max, given });
      return call('_histogram', { self, edges, weight, density });
    },
  }),
} satisfies Record<string, Op>;
