import { z } from 'zod';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';
import { diagonalOps } from './arrangement-diagonal.ts';
import { partOps } from './arrangement-slice.ts';
import { stridedOps } from './arrangement-strided.ts';
import { composite, type Op, op } from './define.ts';
import { dtypeOps } from './dtype.ts';
import { anyInt, attr, flag, ints, kw, type Params, tensor } from './params.ts';
import { sliceOps } from './slice.ts';
import { inferSize, viewOps } from './view.ts';

/** PyTorch's `…_copy` of a view: the same node under another name, the elements in memory of their own. */
function copyOf(view: Op, params: Params = view.params): Op {
  const order = Object.keys(params);
  const blank: NamedArgs = { ...view.blank };
  for (const name of order) blank[name] = params[name]?.default;
  return {
    ...view,
    doc: view.doc.replace(/\.$/, ', as a copy.'),
    params,
    order,
    blank,
    aliases: [],
    internal: false,
    on: ['torch'],
    gradFnName: (args) => `${view.gradFnName(args)}_copy`,
    compute(args, rt) {
      const found = view.compute(args, rt);
      return Array.isArray(found) ? found.map((t) => rt.copy(t, true)) : rt.copy(found, true);
    },
  };
}

const hidden = (of: Op): Op => ({ ...of, internal: true });

/** Sizes are one list in the functions, where the methods of the views take them one by one. */
const listed = (view: Op, name: string): Params => ({ ...view.params, [name]: ints() });

const dimOrDims = attr('int or tuple of ints', z.union([z.null(), anyInt, z.array(anyInt)]), null);

/** Views as copies. */
export const copyOps = {
  alias_copy: copyOf(dtypeOps.alias),
  as_strided_copy: copyOf(stridedOps.as_strided),
  diagonal_copy: copyOf(diagonalOps.diagonal),
  expand_copy: copyOf(viewOps.expand, { ...listed(viewOps.expand, 'size'), implicit: kw(flag()) }),
  permute_copy: copyOf(viewOps.permute, listed(viewOps.permute, 'dims')),
  select_copy: copyOf(sliceOps.select),
  slice_copy: copyOf(sliceOps.slice),
  split_copy: copyOf({ ...sliceOps['split.Tensor'], gradFnName: () => 'SplitBackward0' }),
  split_with_sizes_copy: copyOf(sliceOps.split_with_sizes),
  t_copy: copyOf(viewOps.t),
  transpose_copy: copyOf(viewOps.transpose),
  unbind_copy: copyOf(sliceOps.unbind),
  unfold_copy: copyOf(partOps.unfold),
  unsqueeze_copy: copyOf(viewOps.unsqueeze),
  'squeeze_copy.all': hidden(copyOf(viewOps['squeeze.all'])),
  'squeeze_copy.dims': hidden(copyOf(viewOps['squeeze.dims'])),
  squeeze_copy: composite({
    doc: 'Without the dimensions of size 1, all or those named, as a copy.',
    on: ['torch'],
    params: { self: tensor(), dim: dimOrDims },
    compose({ self, dim }, { call }) {
      if (dim === null) return call('squeeze_copy.all', { self });
      const several = Array.isArray(dim);
      return call('squeeze_copy.dims', { self, dim: several ? dim : [dim], several });
    },
  }),
  view_copy: op({
    doc: 'The elements in another shape, as a copy.',
    on: ['torch'],
    gradFn: 'ViewBackward0_copy',
    params: { self: tensor(), size: ints() },
    meta: ({ self, size }) => ({ dtype: self.dtype, shape: inferSize(size, self.numel) }),
    run: ({ self }, out, rt) => rt.copyTo(out.ptr, self as Tensor),
    vjp: { self: ({ g, self }) => g.reshape(self.shape) },
  }),
} satisfies Record<string, Op>;
