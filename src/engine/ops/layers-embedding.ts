import { GraddError } from '../errors.ts';
import type { DType } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, type Op, op } from './define.ts';
import { checkedIndex } from './index-values.ts';
import { argumentError, shapeError } from './layers-shared.ts';
import { flag, float, int, maybeInt, maybeScalar, tensor } from './params.ts';

const typeNames: Record<DType, string> = {
  float64: 'torch.DoubleTensor',
  float32: 'torch.FloatTensor',
  int64: 'torch.LongTensor',
  int32: 'torch.IntTensor',
  bool: 'CPUBoolType',
};

/** Throws where indices are no integers. */
export function needIndices(name: string, indices: Value): void {
  if (indices.dtype === 'int64' || indices.dtype === 'int32') return;
  throw new GraddError(
    'dtype-mismatch',
    "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; " +
      `but got ${typeNames[indices.dtype]} instead (while checking arguments for ${name})`,
  );
}

const rowsOf = (weight: Value): number => weight.shape[0] as number;
const widthOf = (weight: { shape: readonly number[] }): number => weight.shape[1] as number;

interface Lookup {
  weight: Value;
  indices: Value;
  padding_idx: number;
  scale_grad_by_freq: boolean;
  max_norm: number | null;
  norm_type: number;
}

function lookup(args: Lookup & { sparse: boolean }, { call }: CompositeContext): Value {
  const { sparse, ...rest } = args;
  if (sparse) argumentError('embedding: sparse gradients are not supported; leave out sparse');
  if (args.weight.ndim !== 2) shapeError("'weight' must be 2-D");
  needIndices('embedding', args.indices);
  return call('_embedding', { ...rest }) as Value;
}

/** A padding index counted from the front; -1 where there is none. */
function paddingOf(padding: number | null, rows: number): number {
  if (padding === null) return -1;
  if (padding >= rows || padding < -rows) argumentError('Padding_idx must be within num_embeddings');
  return padding < 0 ? padding + rows : padding;
}

/** Rows of a table. */
export const embeddingOps = {
  _embedding: op({
    doc: 'Rows of weight, brought to a norm of at most max_norm.',
    internal: true,
    gradFn: 'EmbeddingBackward0',
    params: {
      weight: tensor(),
      indices: tensor(),
      padding_idx: int(-1),
      scale_grad_by_freq: flag(),
      max_norm: maybeScalar(),
      norm_type: float(2),
    },
    meta: ({ weight, indices }) => ({
      dtype: weight.dtype,
      shape: [...indices.shape, weight.shape[1] as number],
    }),
    run({ weight, indices, max_norm, norm_type }, out, rt) {
      const at = checkedIndex(rt, indices, rowsOf(weight), () => 'index out of range in self', false);
      const [n, width, source] = [indices.numel, widthOf(weight), rt.contiguous(weight).ptr];
      rt.moveKernel('index_select', weight.dtype)(out.ptr, source, at.ptr, 1, rowsOf(weight), width, n);
      if (max_norm !== null) {
        rt.kernelFor('limit_rows', weight.dtype)(out.ptr, n, width, norm_type, Number(max_norm));
      }
    },
    vjp: {
      weight: ({ g, weight, indices, padding_idx, scale_grad_by_freq }) =>
        g.apply('embedding_dense_backward', {
          grad_output: g,
          indices,
          num_weights: rowsOf(weight),
          padding_idx,
          scale_grad_by_freq,
        }),
      indices: null,
    },
  }),
  embedding_dense_backward: op({
    doc: 'The gradients of the rows of a table, added up; optionally divided by how often each was taken.',
    internal: true,
    params: {
      grad_output: tensor(),
      indices: tensor(),
      num_weights: int(),
      padding_idx: int(),
      scale_grad_by_freq: flag(),
    },
    meta: ({ grad_output, num_weights }) => ({
      dtype: grad_output.dtype,
      shape: [num_weights, grad_output.shape.at(-1) as number],
    }),
    run({ grad_output, indices, num_weights, padding_idx, scale_grad_by_freq }, out, rt) {
      const at = rt.cast(indices, 'int64');
      const g = rt.contiguous(grad_output);
      const counts = scale_grad_by_freq ? rt.empty('int64', [num_weights]).ptr : 0;
      const width = widthOf(out as Tensor);
      const kernel = rt.kernelFor('add_rows', out.dtype);
      kernel(out.ptr, g.ptr, at.ptr, counts, at.numel, num_weights, width, padding_idx);
    },
    vjp: {
      grad_output({ g, grad_output, indices, padding_idx }) {
        const rows = g.indexSelect(0, indices.reshape([-1]));
        const padded = indices.reshape([-1, 1]).eq(BigInt(padding_idx));
        return (padding_idx < 0 ? rows : rows.maskedFill(padded, 0)).reshape(grad_output.shape);
      },
      indices: null,
    },
  }),
  embedding: composite({
    doc: 'Rows of weight.',
    on: ['torch'],
    params: {
      weight: tensor(),
      indices: tensor(),
      padding_idx: int(-1),
      scale_grad_by_freq: flag(),
      sparse: flag(),
    },
    compose: (args, context) => lookup({ ...args, max_norm: null, norm_type: 2 }, context),
  }),
  'nn.functional.embedding': composite({
    doc: 'Rows of weight; with max_norm, longer ones are shortened in the result only.',
    params: {
      input: tensor(),
      weight: tensor(),
      padding_idx: maybeInt(),
      max_norm: maybeScalar(),
      norm_type: float(2),
      scale_grad_by_freq: flag(),
      sparse: flag(),
    },
    compose({ input, weight, padding_idx, max_norm, ...rest }, context) {
      if (weight.ndim === 0 && padding_idx !== null) shapeError("'weight' must be 2-D");
      const padding = paddingOf(padding_idx, weight.ndim === 0 ? 0 : rowsOf(weight));
      const longest = max_norm === null ? null : Number(max_norm);
      return lookup({ ...rest, weight, indices: input, padding_idx: padding, max_norm: longest }, context);
    },
  }),
  'nn.functional.one_hot': composite({
    doc: 'Ones where the class is, zeros elsewhere, along a new last dimension.',
    params: { tensor: tensor(), num_classes: int(-1) },
    compose: ({ tensor, num_classes }, context) => oneHot(tensor, num_classes, context),
  }),
  _one_hot: op({
    doc: 'Ones where the class is, zeros elsewhere.',
    internal: true,
    params: { self: tensor(), classes: int() },
    meta: ({ self, classes }) => ({ dtype: 'int64', shape: [...self.shape, classes] }),
    run({ self, classes }, out, rt) {
      const at = rt.contiguous(self).ptr;
      const status = rt.status('one_hot_i64', out.ptr, at, self.numel, classes);
      if (status === 1) throw new GraddError('numerical-error', 'Class values must be non-negative.');
      if (status === 2) {
        throw new GraddError('numerical-error', 'Class values must be smaller than num_classes.');
      }
    },
    vjp: null,
  }),
} satisfies Record<string, Op>;

function oneHot(self: Value, classes: number, { call, item }: CompositeContext): Value {
  if (self.dtype !== 'int64') {
    throw new GraddError('dtype-mismatch', `one_hot is only applicable to index tensor of type LongTensor.`);
  }
  if (self.numel === 0) {
    if (classes <= 0) argumentError('Can not infer total number of classes from empty tensor.');
    return self.newFull([...self.shape, classes], 0n);
  }
  if (classes === -1) {
    const most = Number(item(self.amax())) + 1;
    return call('_one_hot', { self, classes: Math.max(most, 0) }) as Value;
  }
  if (classes < 0) argumentError('Class values must be smaller than num_classes.');
  return call('_one_hot', { self, classes }) as Value;
}
