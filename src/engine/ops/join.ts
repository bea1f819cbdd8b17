import { GraddError } from '../errors.ts';
import { type DType, facts, resultType } from '../tensor/dtype.ts';
import { normalizeDim, type Shape, sameShape, stridedLayout } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { int, tensorList } from './params.ts';

/** PyTorch's legacy: a 1-d tensor without elements joins with anything. */
const skipped = (t: Value): boolean => t.ndim === 1 && t.shape[0] === 0;

const commonDType = (tensors: readonly Value[], d: DType): DType => resultType(tensors, d);

/** The shape of the join and the dimension, or the complaint about what does not fit. */
function catShape(tensors: readonly Value[], dim: number): { shape: Shape; d: number } {
  if (tensors.length === 0)
    throw new GraddError('invalid-argument', 'torch.cat(): expected a non-empty list of Tensors');
  const zero = tensors.findIndex((t) => t.ndim === 0);
  if (zero >= 0) {
    throw new GraddError(
      'shape-mismatch',
      `zero-dimensional tensor (at position ${zero}) cannot be concatenated`,
    );
  }
  const first = tensors.find((t) => !skipped(t)) ?? (tensors[0] as Value);
  const d = normalizeDim(dim, first.ndim);
  let total = 0;
  tensors.forEach((t, i) => {
    if (skipped(t)) return;
    if (t.ndim !== first.ndim) {
      const message = `Tensors must have same number of dimensions: got ${first.ndim} and ${t.ndim}`;
      throw new GraddError('shape-mismatch', message);
    }
    const off = t.shape.findIndex((size, axis) => axis !== d && size !== first.shape[axis]);
    if (off >= 0) {
      const message =
        `Sizes of tensors must match except in dimension ${d}. Expected size ${first.shape[off]} but got size ` +
        `${t.shape[off]} for tensor number ${i} in the list.`;
      throw new GraddError('shape-mismatch', message);
    }
    total += t.shape[d] as number;
  });
  return { shape: first.shape.with(d, total), d };
}

function stackShape(tensors: readonly Value[], dim: number): { shape: Shape; d: number } {
  const [first] = tensors;
  if (first === undefined) throw new GraddError('invalid-argument', 'stack expects a non-empty TensorList');
  const d = normalizeDim(dim, first.ndim + 1);
  const off = tensors.findIndex((t) => !sameShape(t.shape, first.shape));
  if (off >= 0) {
    const message =
      `stack expects each tensor to be equal size, but got [${first.shape.join(', ')}] at entry 0 and ` +
      `[${(tensors[off] as Value).shape.join(', ')}] at entry ${off}`;
    throw new GraddError('shape-mismatch', message);
  }
  return { shape: first.shape.toSpliced(d, 0, tensors.length), d };
}

/** Tensors joined. */
export const joinOps = {
  cat: op({
    doc: 'Tensors one after the other along a dimension.',
    aliases: ['concat', 'concatenate'],
    on: ['torch'],
    params: { tensors: tensorList(), dim: int(0) },
    meta: ({ tensors, dim }, d) => {
      const { shape } = catShape(tensors, dim);
      return { dtype: commonDType(tensors, d), shape };
    },
    run({ tensors, dim }, out, rt) {
      const { d } = catShape(tensors, dim);
      let offset = 0;
      for (const t of tensors) {
        if (skipped(t)) continue;
        const layout = stridedLayout(t.shape, out.layout.strides);
        rt.copyInto(out.ptr + offset * facts[out.dtype].size, layout, rt.cast(t, out.dtype));
        offset += (t.shape[d] as number) * (out.layout.strides[d] as number);
      }
    },
    vjp: {
      tensors({ g, tensors, dim }) {
        const { d } = catShape(tensors, dim);
        let from = 0;
        return tensors.map((t) => {
          if (skipped(t)) return t.zerosLike();
          const length = t.shape[d] as number;
          from += length;
          return g.narrow(d, from - length, length);
        });
      },
    },
  }),
  stack: op({
    doc: 'Tensors of one shape along a new dimension.',
    on: ['torch'],
    params: { tensors: tensorList(), dim: int(0) },
    meta: ({ tensors, dim }, d) => ({
      dtype: commonDType(tensors, d),
      shape: stackShape(tensors, dim).shape,
    }),
    run({ tensors, dim }, out, rt) {
      const { d } = stackShape(tensors, dim);
      const strides = out.layout.strides.toSpliced(d, 1);
      tensors.forEach((t, i) => {
        const at = out.ptr + i * (out.layout.strides[d] as number) * facts[out.dtype].size;
        rt.copyInto(at, stridedLayout(t.shape, strides), rt.cast(t, out.dtype));
      });
    },
    vjp: {
      tensors: ({ g, tensors, dim }) => tensors.map((_, i) => g.select(normalizeDim(dim, g.ndim), i)),
    },
  }),
  hstack: composite({
    doc: 'Tensors side by side: along dimension 1, or 0 for vectors.',
    on: ['torch'],
    params: { tensors: tensorList() },
    compose({ tensors }, { call }) {
      const atLeast = tensors.map((t) => (t.ndim === 0 ? t.reshape([1]) : t));
      return call('cat', { tensors: atLeast, dim: atLeast[0]?.ndim === 1 ? 0 : 1 });
    },
  }),
  vstack: composite({
    doc: 'Tensors one above the other: along dimension 0, vectors as rows.',
    aliases: ['row_stack'],
    on: ['torch'],
    params: { tensors: tensorList() },
    compose({ tensors }, { call }) {
      const rows = tensors.map((t) => (t.ndim === 0 ? t.reshape([1, 1]) : t.ndim === 1 ? t.unsqueeze(0) : t));
      return call('cat', { tensors: rows, dim: 0 });
    },
  }),
} satisfies Record<string, Op>;
