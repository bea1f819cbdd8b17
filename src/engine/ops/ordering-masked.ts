import { GraddError } from '../errors.ts';
import { type DType, isFloat, type Scalar } from '../tensor/dtype.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Interpreter, Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import {
  flag,
  float,
  int,
  kw,
  maybeDType,
  maybeFlag,
  maybeInt,
  maybeInts,
  maybeScalar,
  maybeTensor,
  scalar,
  tensor,
} from './params.ts';

/** The operations of `torch.masked`, as its source composes them: what is masked out becomes the identity. */

/** The mask as bools of the shape of the input. */
function inputMask(input: Value, mask: Value): Value {
  if (mask.ndim > input.ndim) {
    throw new GraddError(
      'shape-mismatch',
      '_input_mask expected broadcastable mask (got mask dimensionality higher than of the input)',
    );
  }
  return mask.to('bool').detach().expand(input.shape);
}

type Identity = 'sum' | 'prod' | 'amax' | 'amin' | 'logsumexp' | 'logaddexp' | 'median';

const least = { int64: -(2n ** 63n), int32: -(2n ** 31n) };
const most = { int64: 2n ** 63n - 1n, int32: 2n ** 31n - 1n };

/** The number that changes no result of a reduction. */
function identityOf(name: Identity, { dtype }: Value): Scalar {
  if (name === 'sum') return 0n;
  if (name === 'prod') return 1n;
  if (name === 'median') return Number.NaN;
  if (isFloat(dtype)) return name === 'amin' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (dtype === 'int64' || dtype === 'int32') return (name === 'amin' ? most : least)[dtype];
  throw new GraddError('dtype-mismatch', `identity of ${name} on torch.${dtype} input`);
}

/** The input with what is masked out replaced. */
function filled(input: Value, mask: Value | null, value: () => Scalar): Value {
  return mask === null ? input : input.where(inputMask(input, mask), input.newFull([], value()));
}

const combined = (name: Identity, input: Value, mask: Value | null): Value =>
  filled(input, mask, () => identityOf(name, input));

/** The dimensions in order; all of them where none is named. */
function canonicalDims(dim: readonly number[] | null, ndim: number): number[] {
  if (dim === null || dim.length === 0) return Array.from({ length: ndim }, (_, i) => i);
  const dims: number[] = [];
  for (const d of dim) {
    if (dims.includes(d)) {
      throw new GraddError('invalid-argument', `dim=${d} appears multiple times in the list of dims`);
    }
    dims.push(normalizeDim(d, ndim));
  }
  return dims.sort((a, b) => a - b);
}

interface Reduction {
  self: Value;
  dim: number[] | null;
  keepdim: boolean;
  dtype: DType | null;
  mask: Value | null;
}

const widened = ({ dtype }: Value): DType => (isFloat(dtype) ? dtype : 'int64');

function maskedSum({ self, dim, keepdim, dtype, mask }: Reduction): Value {
  const dims = canonicalDims(dim, self.ndim);
  const input = combined('sum', self, mask);
  return input.apply('sum', { self: input, dim: dims, keepdim, dtype: dtype ?? widened(self) });
}

function maskedProd({ self, dim, keepdim, dtype, mask }: Reduction): Value {
  const dims = canonicalDims(dim, self.ndim);
  const input = combined('prod', self, mask).to(dtype ?? widened(self));
  return dims.reduceRight((result, d) => result.prod(d, keepdim), input);
}

function maskedExtremum(name: 'amax' | 'amin', { self, dim, keepdim, dtype, mask }: Reduction): Value {
  const input = combined(name, self, mask);
  const result = input.apply(name, { self: input, dim: canonicalDims(dim, self.ndim), keepdim });
  return result.to(dtype ?? self.dtype);
}

/** How many elements count. */
const counted = ({ self, dim, keepdim, mask }: Reduction): Value =>
  mask === null
    ? maskedSum({ self: self.newFull(self.shape, 1n, 'int64'), dim, keepdim, dtype: null, mask: null })
    : inputMask(self, mask).sum(dim ?? undefined, keepdim);

function maskedMean(args: Reduction): Value {
  const dtype = args.dtype ?? args.self.dtype;
  if (!isFloat(dtype)) {
    const source = args.dtype === null ? 'Input' : 'Optional';
    throw new GraddError(
      'dtype-mismatch',
      `mean(): Could not infer output dtype. ${source} dtype must be either a floating point or complex dtype. Got: torch.${dtype}`,
    );
  }
  return maskedSum({ ...args, dtype }).div(counted(args));
}

interface Spread extends Reduction {
  unbiased: boolean | null;
  correction: Scalar | null;
}

/** Variance: PyTorch's `_std_var`. */
function maskedVar(args: Spread): Value {
  const { self, dim, keepdim, mask, unbiased, correction } = args;
  if (unbiased !== null && correction !== null) {
    throw new GraddError('invalid-argument', 'Only one of unbiased and correction may be given');
  }
  const dtype = args.dtype ?? (isFloat(self.dtype) ? self.dtype : 'float32');
  const computed = isFloat(dtype) ? dtype : 'float32';
  const count = counted({ ...args, keepdim: true });
  const x = self.sub(maskedSum({ self, dim, keepdim: true, dtype, mask }).div(count));
  const total = maskedSum({ self: x.mul(x), dim, keepdim, dtype: computed, mask });
  const freedom = freedomOf(keepdim ? count : count.reshape(total.shape), unbiased, correction, computed);
  return total.div(freedom).to(dtype);
}

function freedomOf(count: Value, unbiased: boolean | null, correction: Scalar | null, dtype: DType): Value {
  const less = Number(correction ?? unbiased ?? 1);
  if (less === 0) return count;
  const left = count.to(dtype).sub(less);
  return left.maximum(left.newZeros([]));
}

function maskedNorm(args: Reduction & { ord: Scalar }): Value {
  const { self, ord, dim, keepdim, dtype, mask } = args;
  const lowest = Number(ord) === Number.NEGATIVE_INFINITY;
  if (mask !== null && lowest && !isFloat(self.dtype)) {
    throw new GraddError('dtype-mismatch', `input must be floating point, got torch.${self.dtype}`);
  }
  const input = filled(self, mask, () => (lowest ? Number.POSITIVE_INFINITY : 0n));
  const dims = canonicalDims(dim, self.ndim);
  return input.apply('linalg.vector_norm', {
    self: input,
    ord,
    dim: dims,
    keepdim,
    dtype: dtype ?? self.dtype,
  });
}

type Lines = Omit<Reduction, 'dim'> & { dim: number };

/** Lines without an element have no median, which only a float can say. */
function maskedMedian({ self, dim, keepdim, dtype, mask }: Lines, context: Interpreter): Value {
  const d = canonicalDims([dim], self.ndim)[0] as number;
  const float = isFloat(self.dtype) ? self : self.to('float32');
  const result = combined('median', float, mask);
  const median = result.applyAll('nanmedian', { self: result, dim: d, keepdim })[0] as Value;
  if (isFloat(self.dtype)) return median;
  const nan = median.isnan();
  if (context.truth(nan.apply('any', { self: nan }), false)) {
    throw new GraddError(
      'numerical-error',
      'masked median expects no fully masked out rows if dtype is not floating point',
    );
  }
  return median.to(dtype ?? self.dtype);
}

const shared = { keepdim: kw(flag()), dtype: kw(maybeDType()), mask: kw(maybeTensor()) };
const reductionParams = { self: tensor(), dim: maybeInts(), ...shared };
const lineParams = { self: tensor(), dim: int(), dtype: kw(maybeDType()), mask: kw(maybeTensor()) };

const reduction = (doc: string, compose: (args: Reduction) => Value): Op =>
  composite({ doc: `${doc} over dim, without what is masked out.`, params: reductionParams, compose });

const position = (name: 'argmax' | 'argmin', identity: 'amax' | 'amin'): Op =>
  composite({
    doc: `The index of the ${name.slice(3)}imum along dim, without what is masked out.`,
    params: { ...reductionParams, dim: maybeInt() },
    compose({ self, dim, keepdim, dtype, mask }) {
      if (self.dtype === 'bool') {
        const message =
          mask === null
            ? `${name}(): does not support bool input`
            : `identity of ${name} on torch.bool input`;
        throw new GraddError('dtype-mismatch', message);
      }
      const input = combined(identity, self, mask);
      return input.apply(name, { self: input, dim, keepdim }).to(dtype ?? self.dtype);
    },
  });

/** An operation on lines, after what is masked out became the identity of another. */
const lines = (doc: string, identity: Identity, op: string): Op =>
  composite({
    doc: `${doc} along dim, without what is masked out.`,
    params: lineParams,
    compose({ self, dim, dtype, mask }, { call }) {
      const d = canonicalDims([dim], self.ndim)[0] as number;
      const input = combined(identity, self, mask);
      const first = op.startsWith('nn.') ? { input } : { self: input };
      return call(op, { ...first, dim: d, dtype: dtype ?? self.dtype });
    },
  });

const spreadParams = {
  self: tensor(),
  dim: maybeInts(),
  unbiased: maybeFlag(),
  correction: kw(maybeScalar()),
  ...shared,
};

/** Reductions and normalizations of what a mask leaves. */
export const maskedOps = {
  'masked.sum': reduction('Sum', maskedSum),
  'masked.prod': reduction('Product', maskedProd),
  'masked.amax': reduction('The maximum', (args) => maskedExtremum('amax', args)),
  'masked.amin': reduction('The minimum', (args) => maskedExtremum('amin', args)),
  'masked.mean': reduction('Mean', maskedMean),
  'masked.logsumexp': reduction(
    'Logarithm of the sum of exponentials',
    ({ self, dim, keepdim, dtype, mask }) => {
      const input = combined('logsumexp', self, mask);
      const dims = canonicalDims(dim, self.ndim);
      return input.apply('logsumexp', { self: input, dim: dims, keepdim }).to(dtype ?? self.dtype);
    },
  ),
  'masked.argmax': position('argmax', 'amax'),
  'masked.argmin': position('argmin', 'amin'),
  'masked.median': composite({
    doc: 'The lower median along dim, without what is masked out.',
    params: { self: tensor(), dim: int(-1), ...shared },
    compose: (args, context) => maskedMedian(args, context),
  }),
  'masked.norm': composite({
    doc: 'The ord-norm over dim, without what is masked out.',
    params: { self: tensor(), ord: scalar(2), dim: maybeInts(), ...shared },
    compose: (args) => maskedNorm(args),
  }),
  'masked.var': composite({
    doc: 'Variance over dim, without what is masked out.',
    params: spreadParams,
    compose: (args) => maskedVar(args),
  }),
  'masked.std': composite({
    doc: 'Standard deviation over dim, without what is masked out.',
    params: spreadParams,
    compose: (args) => maskedVar(args).sqrt(),
  }),
  'masked.cumsum': lines('Cumulative sum', 'sum', 'cumsum'),
  'masked.cumprod': lines('Cumulative product', 'prod', 'cumprod'),
  'masked.softmax': lines('Softmax', 'amax', 'softmax'),
  'masked.log_softmax': lines('Logarithm of softmax', 'amax', 'log_softmax'),
  'masked.softmin': lines('Softmax of the negated input', 'amin', 'nn.functional.softmin'),
  'masked.normalize': composite({
    doc: 'The input divided by its ord-norm along dim, without what is masked out.',
    params: {
      self: tensor(),
      ord: scalar(),
      dim: int(),
      eps: kw(float(1e-12)),
      dtype: kw(maybeDType()),
      mask: kw(maybeTensor()),
    },
    compose({ self, ord, dim, eps, dtype, mask }) {
      const norm = maskedNorm({ self, ord, dim: [dim], keepdim: true, dtype, mask });
      return combined('sum', self, mask).div(norm.maximum(norm.newFull([], eps)));
    },
  }),
  'masked.logaddexp': composite({
    doc: 'Logarithm of the sum of the exponentials, with what is masked out as zero in it.',
    params: {
      self: tensor(),
      other: tensor(),
      dtype: kw(maybeDType()),
      input_mask: kw(maybeTensor()),
      other_mask: kw(maybeTensor()),
    },
    compose({ self, other, dtype, input_mask, other_mask }, { call }) {
      const [x, y] = [combined('logaddexp', self, input_mask), combined('logaddexp', other, other_mask)];
      return (call('logaddexp', { self: x, other: y }) as Value).to(dtype ?? self.dtype);
    },
  }),
} satisfies Record<string, Op>;
