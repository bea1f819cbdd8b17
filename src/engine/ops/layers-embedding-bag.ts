import { GraddError } from '../errors.ts';
import { type DType, isFloat } from '../tensor/dtype.ts';
import { sameShape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, fusedOp, type Op, op } from './define.ts';
import { checkedIndex } from './index-values.ts';
import { needIndices } from './layers-embedding.ts';
import { argumentError, shapeError, sizeOf } from './layers-shared.ts';
import { flag, float, int, maybeInt, maybeScalar, maybeTensor, tensor, text } from './params.ts';

interface Bags {
  weight: Value;
  /** Where rows are read, if not from the weight: its rows, shortened. */
  table: Value | null;
  per_sample_weights: Value | null;
  indices: Value;
  /** The bag of each index. */
  bags: Value;
  total: number;
  mode: string;
  padding_idx: number;
  scale_grad_by_freq: boolean;
}

const rowsIn = ({ table, weight }: Bags): Value => table ?? weight;

/** Zeros where an index is that of the padding. */
const unpadded = (x: Value, { indices, padding_idx }: Bags): Value => {
  if (padding_idx < 0) return x;
  const padded = indices.eq(BigInt(padding_idx));
  return x.maskedFill(x.ndim === 2 ? padded.unsqueeze(1) : padded, 0);
};

const addAt = (like: Value, size: number[], index: Value, source: Value): Value =>
  like.apply('index_add', { self: like.newFull(size, 0, source.dtype), dim: 0, index, source });

/** How many indices each bag has, at least one. */
function bagSizes(args: Bags): Value {
  const ones = unpadded(args.weight.newFull(args.indices.shape, 1), args);
  return addAt(args.weight, [args.total], args.bags, ones).maximum(1);
}

/** The row of the table that has the largest element of each bag, and where there is one. */
function largest(args: Bags): { at: Value; some: Value } {
  const { indices, bags, total, padding_idx } = args;
  const rows = rowsIn(args).apply('_bag_argmax', { self: rowsIn(args), indices, bags, total, padding_idx });
  const some = rows.ge(0n);
  return { at: rows.maskedFill(some.logicalNot(), 0n), some };
}

function forward(args: Bags): Value {
  const { weight, per_sample_weights, indices, bags, total, mode } = args;
  const table = rowsIn(args);
  const size = [total, weight.shape[1] as number];
  if (mode === 'max') {
    if (weight.numel === 0) return weight.newFull(size, 0);
    const { at, some } = largest(args);
    return table.gather(0, at).maskedFill(some.logicalNot(), 0);
  }
  const rows = table.indexSelect(0, indices);
  const scaled = per_sample_weights === null ? rows : rows.mul(per_sample_weights.unsqueeze(1));
  const sums = addAt(weight, size, bags, unpadded(scaled, args));
  return mode === 'mean' ? sums.div(bagSizes(args).unsqueeze(1)) : sums;
}

/** The gradient that arrives at each row that was read. */
function rowGradients(g: Value, args: Bags): Value {
  const { mode, bags, per_sample_weights } = args;
  const shares = mode === 'mean' ? g.div(bagSizes(args).unsqueeze(1)) : g;
  const rows = shares.indexSelect(0, bags);
  return unpadded(per_sample_weights === null ? rows : rows.mul(per_sample_weights.unsqueeze(1)), args);
}

function weightGradient(g: Value, args: Bags): Value {
  const { weight, indices, mode, scale_grad_by_freq } = args;
  if (mode === 'max') {
    if (weight.numel === 0) return weight.zerosLike();
    const { at, some } = largest(args);
    return weight.zerosLike().scatterAdd(0, at, g.maskedFill(some.logicalNot(), 0));
  }
  const rows = rowGradients(g, args);
  const size = [...weight.shape];
  if (!scale_grad_by_freq) return addAt(weight, size, indices, rows);
  const often = addAt(weight, [size[0] as number], indices, weight.newFull(indices.shape, 1));
  return addAt(weight, size, indices, rows.div(often.indexSelect(0, indices).unsqueeze(1)));
}

const typeNames: Record<DType, string> = {
  float64: 'torch.DoubleTensor',
  float32: 'torch.FloatTensor',
  int64: 'torch.LongTensor',
  int32: 'torch.IntTensor',
  bool: 'CPUBoolType',
};

interface BagArgs {
  input: Value;
  weight: Value;
  offsets: Value | null;
  mode: string;
  per_sample_weights: Value | null;
  include_last_offset: boolean;
  padding_idx: number | null;
  scale_grad_by_freq: boolean;
  sparse: boolean;
}

function checkBag(args: BagArgs): void {
  const { input, weight, offsets, mode, per_sample_weights } = args;
  if (per_sample_weights !== null && !sameShape(input.shape, per_sample_weights.shape)) {
    shapeError(
      `embedding_bag: If per_sample_weights (${sizeOf(per_sample_weights)}) is not None, then it must have the same shape as the input (${sizeOf(input)})`,
    );
  }
  if (weight.ndim !== 2)
    shapeError(`weight has to be a 2D Tensor, but got Tensor of dimension ${weight.ndim}`);
  if (input.ndim === 2 && offsets !== null) {
    argumentError(
      "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type <class 'torch.Tensor'>",
    );
  }
  if (input.ndim === 1 && offsets === null) argumentError('offsets has to be a 1D Tensor but got None');
  if (input.ndim === 1 && offsets?.ndim !== 1) shapeError('offsets has to be a 1D Tensor');
  if (input.ndim !== 1 && input.ndim !== 2) {
    shapeError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${input.ndim}`);
  }
  if (!['sum', 'mean', 'max'].includes(mode)) argumentError('mode has to be one of sum, mean or max');
  if (mode === 'max' && args.scale_grad_by_freq) {
    argumentError('max mode does not support scaling the gradient by the frequency');
  }
  if (mode === 'max' && args.sparse) argumentError('max mode does not support sparse weights');
  if (args.sparse) argumentError('embedding_bag: sparse gradients are not supported; leave out sparse');
  if (per_sample_weights !== null && mode !== 'sum') {
    argumentError(
      `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
    );
  }
  checkBagDTypes(args);
}

function checkBagDTypes({ input, weight, offsets, per_sample_weights }: BagArgs): void {
  needIndices('embedding_bag', input);
  if (offsets !== null) needIndices('embedding_bag', offsets);
  if (!isFloat(weight.dtype)) {
    throw new GraddError(
      'dtype-mismatch',
      `Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, Float, Double; but got ${typeNames[weight.dtype]} instead (while checking arguments for embedding_bag)`,
    );
  }
  if (per_sample_weights === null || per_sample_weights.dtype === weight.dtype) return;
  throw new GraddError(
    'dtype-mismatch',
    `Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 'per_sample_weights'; but type ${typeNames[weight.dtype]} does not equal ${typeNames[per_sample_weights.dtype]} (while checking arguments for embedding_bag)`,
  );
}

/** A padding index counted from the front; -1 where there is none. */
function paddingOf(padding: number | null, rows: number): number {
  if (padding === null) return -1;
  if (padding >= rows || padding < -rows) {
    argumentError(
      `padding_idx must be within the number of embeddings, -${rows} through ${rows - 1}, but got ${padding}`,
    );
  }
  return padding < 0 ? padding + rows : padding;
}

/** The offsets of bags of equal size. */
const evenOffsets = (input: Value): Value =>
  input
    .newFull([input.size(0)], BigInt(input.size(1)), 'int64')
    .cumsum(0)
    .sub(BigInt(input.size(1)));

function embeddingBag(args: BagArgs, table: Value | null, { call }: CompositeContext): Value {
  const { input, weight, mode, scale_grad_by_freq } = args;
  const flat = input.ndim === 2;
  const include = args.include_last_offset && !flat;
  const indices = input.reshape([-1]);
  const offsets = flat ? evenOffsets(input) : (args.offsets as Value);
  const total = offsets.numel - (include ? 1 : 0);
  if (total < 0) argumentError('include_last_offset: number of offset should be at least 1');
  if (total === 0 && indices.numel > 0) argumentError('embedding_bag: there are indices, but no bags');
  const padding_idx = paddingOf(args.padding_idx, weight.size(0));
  const bags = call('_bags', { indices, offsets, rows: weight.size(0), total });
  const psw = args.per_sample_weights;
  const per_sample_weights = flat ? (psw?.reshape([-1]) ?? null) : psw;
  const rest = { indices, bags, total, mode, padding_idx, scale_grad_by_freq };
  return call('_embedding_bag', { weight, table, per_sample_weights, ...rest }) as Value;
}

/** Sums, means and maxima of rows of a table. */
export const embeddingBagOps = {
  _bags: op({
    doc: 'The bag of each index.',
    internal: true,
    params: { indices: tensor(), offsets: tensor(), rows: int(), total: int() },
    meta: ({ indices }) => ({ dtype: 'int64', shape: indices.shape }),
    run({ indices, offsets, rows, total }, out, rt) {
      checkedIndex(
        rt,
        indices,
        rows,
        (bad) => `embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be ${bad}`,
        false,
      );
      const starts = rt.cast(offsets, 'int64');
      const status = rt.status('bags_i64', out.ptr, starts.ptr, out.numel, offsets.numel, total);
      const read = (i: number) => rt.read(starts.ptr + 8 * i, 'int64');
      if (status === 1) {
        argumentError(
          `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${read(0)}`,
        );
      }
      if (status === 2) {
        const last = read(offsets.numel - 1);
        argumentError(
          `offsets[-1] can not be greater than input's length ${out.numel} but got offsets[-1] of ${last}`,
        );
      }
    },
    vjp: null,
  }),
  _bag_argmax: op({
    doc: 'The row with the largest element of each bag, -1 for none.',
    internal: true,
    params: { self: tensor(), indices: tensor(), bags: tensor(), total: int(), padding_idx: int() },
    meta: ({ self, total }) => ({ dtype: 'int64', shape: [total, self.shape[1] as number] }),
    run({ self, indices, bags, padding_idx }, out, rt) {
      const [x, idx, bag] = [rt.contiguous(self), rt.cast(indices, 'int64'), rt.contiguous(bags)];
      const [total, width] = out.shape as [number, number];
      const kernel = rt.kernelFor('bag_argmax', self.dtype);
      kernel(out.ptr, x.ptr, idx.ptr, bag.ptr, idx.numel, total, width, padding_idx);
    },
    vjp: null,
  }),
  _limited_rows: op({
    doc: 'A copy with rows of at most a norm.',
    internal: true,
    params: { self: tensor(), max_norm: float(), norm_type: float() },
    meta: ({ self: { dtype, shape } }) => ({ dtype, shape }),
    run({ self, max_norm, norm_type }, out, rt) {
      rt.copyTo(out.ptr, self);
      const [rows, width] = out.shape as [number, number];
      rt.kernelFor('limit_rows', out.dtype)(out.ptr, rows, width, norm_type, max_norm);
    },
    vjp: null,
  }),
  _embedding_bag: fusedOp({
    doc: 'Sums, means or maxima of the rows in each bag.',
    internal: true,
    params: {
      weight: tensor(),
      table: maybeTensor(),
      per_sample_weights: maybeTensor(),
      indices: tensor(),
      bags: tensor(),
      total: int(),
      mode: text(),
      padding_idx: int(),
      scale_grad_by_freq: flag(),
    },
    gradFn: 'EmbeddingBagBackward0',
    forward: (args) => forward(args),
    vjp: {
      weight: ({ g, ...args }) => weightGradient(g, args),
      table: null,
      per_sample_weights: ({ g, ...args }) =>
        unpadded(g.indexSelect(0, args.bags).mul(rowsIn(args).indexSelect(0, args.indices)).sum([1]), args),
      indices: null,
      bags: null,
    },
  }),
  'nn.functional.embedding_bag': composite({
    doc: 'Sums, means or maxima of rows of weight, bag by bag; with max_norm, longer rows are shortened in the result only.',
    params: {
      input: tensor(),
      weight: tensor(),
      offsets: maybeTensor(),
      max_norm: maybeScalar(),
      norm_type: float(2),
      scale_grad_by_freq: flag(),
      mode: text('mean'),
      sparse: flag(),
      per_sample_weights: maybeTensor(),
      include_last_offset: flag(),
      padding_idx: maybeInt(),
    },
    compose({ max_norm, norm_type, ...args }, context) {
      checkBag(args);
      const self = args.weight;
      const limit = { max_norm: Number(max_norm), norm_type };
      const table =
        max_norm === null ? null : self.detach().apply('_limited_rows', { self: self.detach(), ...limit });
      return embeddingBag(args, table, context);
    },
  }),
} satisfies Record<string, Op>;
