import type { DType } from '../tensor/dtype.ts';
import { composite, eagerOp, type Op, viewOp } from './define.ts';
import { kw, maybeDType, maybeText, tensor } from './params.ts';

const self = { self: tensor() };

const convert = (dtype: DType): Op =>
  composite({
    doc: `The elements as ${dtype}; the tensor itself where it has that dtype.`,
    on: ['Tensor'],
    params: self,
    compose: ({ self }) => self.to(dtype),
  });

/** Conversions and copies. */
export const dtypeOps = {
  _to_copy: eagerOp({
    doc: 'The elements as another dtype.',
    internal: true,
    gradFn: 'ToCopyBackward0',
    params: { self: tensor(), dtype: maybeDType() },
    eager({ self, dtype }, rt) {
      const cast = rt.cast(self, dtype ?? self.dtype);
      const moved = cast.dtype !== self.dtype || cast.ptr !== self.ptr;
      return moved ? cast : rt.copy(self);
    },
    vjp: { self: ({ g, self }) => g.to(self.dtype) },
  }),
  clone: eagerOp({
    doc: 'A copy of the elements.',
    params: { self: tensor(), memory_format: kw(maybeText()) },
    eager: ({ self, memory_format }, rt) =>
      rt.copy(self, memory_format?.endsWith('contiguous_format') ?? false),
    vjp: { self: ({ g }) => g },
  }),
  contiguous: composite({
    doc: 'The tensor itself where it is contiguous, else a copy that is.',
    on: ['Tensor'],
    params: self,
    compose: ({ self }) =>
      self.isContiguous ? self : self.apply('clone', { self, memory_format: 'contiguous_format' }),
  }),
  detach: viewOp({
    doc: 'The same elements outside the graph.',
    params: self,
    view: ({ self }) => ({ layout: self.layout, offset: 0 }),
    meta: ({ self }) => self.shape,
    vjp: null,
  }),
  alias: viewOp({
    doc: 'The same elements.',
    internal: true,
    params: self,
    view: ({ self }) => ({ layout: self.layout, offset: 0 }),
    meta: ({ self }) => self.shape,
    vjp: { self: ({ g }) => g },
  }),
  to: composite({
    doc: 'The elements as another dtype; the tensor itself where it has that dtype.',
    on: ['Tensor'],
    params: { self: tensor(), dtype: maybeDType() },
    compose: ({ self, dtype }) => (dtype === null ? self : self.to(dtype)),
  }),
  type_as: composite({
    doc: 'The elements as the dtype of other.',
    on: ['Tensor'],
    params: { self: tensor(), other: tensor() },
    compose: ({ self, other }) => self.to(other.dtype),
  }),
  positive: composite({ doc: 'The tensor itself.', params: self, compose: ({ self }) => self }),
  double: convert('float64'),
  float: convert('float32'),
  long: convert('int64'),
  int: convert('int32'),
  bool: convert('bool'),
} satisfies Record<string, Op>;
