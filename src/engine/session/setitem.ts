import { GraddError } from '../errors.ts';
import type { Op } from '../ops/define.ts';
import { putPlaces } from '../ops/getitem.ts';
import { table } from '../ops/index.ts';
import { Ellipsis, type IndexItem } from '../ops/params.ts';
import type { Scalar } from '../tensor/dtype.ts';
import { type Shape, sameShape } from '../tensor/layout.ts';
import { type InPlace, inPlaceOf } from './inplace.ts';
import type { Tensors } from './tensors.ts';
import { Variable } from './variable.ts';

const [copy, fill] = ['copy_', 'fill_'].map((name) => inPlaceOf('Tensor', name)) as [InPlace, InPlace];
const asStrided = table.get('as_strided') as Op;
const put = { op: table.get('_index_put') as Op, reshapes: false } as InPlace;

/** Without the ones that a shape begins with: PyTorch's `slicePrefix1sSize`. */
function withoutLeadingOnes(shape: Shape): Shape {
  const first = shape.findIndex((size) => size !== 1);
  return first < 0 ? [] : shape.slice(first);
}

/** PyTorch's `copy_to`. */
function copyTo(session: Tensors, self: Variable, src: Variable): void {
  if (sameShape(self.shape, src.shape)) session.callInPlace(copy, { self, src });
  else if (src.ndim === 0) session.callInPlace(fill, { self, value: src });
  else {
    const seen = src.view(withoutLeadingOnes(src.shape)) as Variable;
    const spread = sameShape(seen.shape, self.shape) ? seen : (seen.expand(self.shape) as Variable);
    session.callInPlace(copy, { self, src: spread });
  }
}

/** `x[…] = value`. */
export function setItem(
  session: Tensors,
  self: Variable,
  indices: readonly IndexItem<Variable>[],
  value: Variable | Scalar,
): void {
  if (indices.length === 1 && indices[0] === false) return;
  const src = value instanceof Variable ? value : session.variable(value, [], self.dtype);
  if (
    indices.length === 1 &&
    (indices[0] instanceof Ellipsis || indices[0] === true || indices[0] === null)
  ) {
    copyTo(session, indices[0] instanceof Ellipsis ? self : (self.unsqueeze(0) as Variable), src);
    return;
  }
  const { value: view, tensors } = putPlaces(self, indices as IndexItem[], session.interpreter);
  if (tensors.every((t) => t === null)) {
    copyTo(session, view as Variable, src);
    return;
  }
  const shape = withoutLeadingOnes(src.shape);
  const values = sameShape(shape, src.shape) ? src : src.view(shape);
  session.callInPlace(put, { self: view, indices: tensors, values });
}

/** `fill_diagonal_`, not going round where there are more rows than columns. */
export function fillDiagonal(session: Tensors, self: Variable, value: Variable | Scalar): Variable {
  const { shape, strides } = self;
  if (shape.length < 2) throw new GraddError('invalid-argument', 'dimensions must larger than 1');
  const size = [Math.min(...shape)];
  const stride = [strides.reduce((sum, each) => sum + each, 0)];
  const diagonal = session.call(asStrided, { self, size, stride });
  session.callInPlace(fill, { self: diagonal, value });
  return self;
}
