import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import { type Layout, numelOf, type Shape, sameShape, stridedLayout } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { scatterPart, sliceMeta } from './arrangement-parts.ts';
import { fusedOp, type Op, op, viewOp } from './define.ts';
import { int, ints, maybeInt, tensor } from './params.ts';

/** A shape with strides and the place of the first element. */
interface Geometry {
  readonly size: Shape;
  readonly stride: Shape;
  readonly offset: number;
}

const refuse = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

const listOf = (sizes: Shape): string => `[${sizes.join(', ')}]`;

/** How many elements memory must have for a geometry: PyTorch's `storage_size_for`. */
function extent({ size, stride, offset }: Geometry): number {
  if (size.includes(0)) return 0;
  return size.reduce((sum, n, d) => sum + (n - 1) * (stride[d] as number), offset + 1);
}

/** Throws what PyTorch says of a geometry that no memory has. */
function checkGeometry({ size, stride, offset }: Geometry): void {
  if (size.length !== stride.length) refuse('mismatch in length of strides and shape');
  if (stride.some((s) => s < 0)) {
    refuse(`as_strided: Negative strides are not supported at the moment, got strides: ${listOf(stride)}`);
  }
  if (offset < 0) refuse(`Tensor: invalid storage offset ${offset}`);
  const overflows = extent({ size, stride, offset }) >= 2 ** 60;
  if (overflows || size.some((n) => n < 0))
    refuse(`Storage size calculation overflowed with sizes=${listOf(size)} and strides=${listOf(stride)}`);
}

/** Throws where a geometry reaches beyond `numel` elements. */
function checkBounds({ size, stride, offset }: Geometry, t: Value, numel: number): void {
  const needed = extent({ size, stride, offset });
  if (needed <= numel) return;
  const bytes = facts[t.dtype].size;
  const message =
    `setStorage: sizes ${listOf(size)}, strides ${listOf(stride)}, storage offset ${offset}, and itemsize ${bytes} ` +
    `requiring a storage size of ${needed * bytes} are out of bounds for storage of size ${numel * bytes}`;
  throw new GraddError('shape-mismatch', message);
}

/** The layout; strides that are never stepped along are kept small, as kernels read them as int32s. */
function layoutOf({ size, stride }: Geometry): Layout {
  const none = size.includes(0);
  return stridedLayout(
    size,
    stride.map((s, d) => (none || size[d] === 1 ? Math.min(s, 1) : s)),
  );
}

interface StridedArgs {
  self: Value;
  size: number[];
  stride: number[];
  storage_offset: number | null;
}

/** What `as_strided` is to see: places are counted from the beginning of the storage. */
function asked({ self, size, stride, storage_offset }: StridedArgs): Geometry {
  const geometry = { size, stride, offset: storage_offset ?? (self as Tensor).storage.offset };
  checkGeometry(geometry);
  checkBounds(geometry, self, (self as Tensor).storage.numel);
  return geometry;
}

const geometryOf = (t: Tensor): Geometry => ({
  size: t.shape,
  stride: t.layout.strides,
  offset: t.storage.offset,
});

/** Without the dimensions of size 1. */
function stepped({ size, stride, offset }: Geometry): Geometry {
  const kept = size.map((_, d) => d).filter((d) => size[d] !== 1);
  return { size: kept.map((d) => size[d] as number), stride: kept.map((d) => stride[d] as number), offset };
}

/** Whether two elements may be in one place: PyTorch's `_maybe_overlapping_memory`. */
function mayOverlap({ size, stride }: Geometry): boolean {
  const order = size.map((_, d) => d).sort((a, b) => (stride[a] as number) - (stride[b] as number));
  let last = 0;
  for (const d of order) {
    if ((stride[d] as number) <= last) return true;
    last += (stride[d] as number) * ((size[d] as number) - 1);
  }
  return false;
}

const addAt = (g: Value, numel: number, { size, stride, offset }: Geometry): Value =>
  g.apply('_strided_add', { grad: g, numel, size, stride, offset });

const viewAt = (x: Value, { size, stride, offset }: Geometry): Value =>
  x.apply('_strided', { self: x, size, stride, offset });

/**
 * The gradient as PyTorch's `as_strided_backward` has it: added up in memory as `out` lies there, read as `input` lies
 * there; an element that several of the input share is divided among them.
 */
function stridedBackward(g: Value, self: Tensor, out: Geometry): Value {
  const input = geometryOf(self);
  if (out.size.includes(0) || input.size.includes(0)) return g.newZeros(self.shape);
  const shared = Math.min(input.offset, out.offset);
  const [from, to] = [out, input].map((each) => ({ ...each, offset: each.offset - shared })) as [
    Geometry,
    Geometry,
  ];
  const numel = Math.max(extent(from), extent(to));
  const added = addAt(g, numel, from);
  if (!mayOverlap(stepped(to))) return viewAt(added, to);
  const counts = addAt(g.newFull([], 1).expand(to.size), numel, to);
  return viewAt(added.div(counts.maskedFill(counts.eq(0), 1)), to);
}

/** Throws where elements that are written to are surely in one place: `assert_no_internal_overlap`. */
function refuseOverlap({ size, stride }: Geometry): void {
  if (size.includes(0) || !size.some((n, d) => n > 1 && stride[d] === 0)) return;
  refuse(
    'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.',
  );
}

const overlapping = ({ layout }: Tensor): boolean =>
  layout.numel > 0 && layout.shape.some((n, d) => n > 1 && layout.strides[d] === 0);

/** `as_strided_scatter`: the whole memory of self copied, so that the result lies as self does. */
function stridedScatter({ src, ...args }: StridedArgs & { src: Value }): Value {
  const given = args.self as Tensor;
  if (given.requiresGrad && !given.isContiguous)
    refuse('as_strided_scatter is currently only supported for contiguous inputs');
  const self = (overlapping(given) ? given.clone() : given) as Tensor;
  const slice = asked({ ...args, self });
  sliceMeta(self, src, slice.size);
  refuseOverlap(slice);
  const { numel } = self.storage;
  const memory = self.apply('as_strided', { self, size: [numel], stride: [1], storage_offset: 0 });
  return viewAt(putAt(memory, src, slice), geometryOf(self));
}

const putAt = (self: Value, src: Value, { size, stride, offset }: Geometry): Value =>
  self.apply('_strided_put', { self, src, size, stride, offset });

/** The part of a contiguous gradient that `as_strided_scatter` wrote. */
const written = (g: Value, { size, stride, storage_offset }: Omit<StridedArgs, 'self'>): Value =>
  viewAt(g.contiguous(), { size, stride, offset: storage_offset ?? 0 });

const geometry = { size: ints(), stride: ints(), offset: int() };

const place = ({ size, stride, offset }: { size: number[]; stride: number[]; offset: number }): Geometry => ({
  size,
  stride,
  offset,
});

const part = (of: Geometry) => ({ layout: layoutOf(of), offset: of.size.includes(0) ? 0 : of.offset });

/** Tensors by their strides. */
export const stridedOps = {
  as_strided: viewOp({
    doc: 'The memory of the tensor seen with other sizes and strides, from an element of the storage on.',
    params: { self: tensor(), size: ints(), stride: ints(), storage_offset: maybeInt() },
    meta: (args) => asked(args).size,
    view(args) {
      const { layout, offset } = part(asked(args));
      return { layout, offset: layout.numel === 0 ? 0 : offset - args.self.storage.offset };
    },
    vjp: { self: ({ g, ...args }) => stridedBackward(g, args.self as Tensor, asked(args)) },
  }),
  _strided: viewOp({
    doc: 'A contiguous tensor seen with other sizes and strides.',
    internal: true,
    gradFn: 'AsStridedBackward0',
    params: { self: tensor(), ...geometry },
    meta: ({ size }) => size,
    view({ self, ...args }) {
      checkGeometry(args);
      checkBounds(args, self, self.numel);
      return part(place(args));
    },
    vjp: { self: ({ g, self, ...args }) => addAt(g, self.numel, place(args)).reshape(self.shape) },
  }),
  _strided_add: op({
    doc: 'Zeros with the elements added where a geometry has them.',
    internal: true,
    params: { grad: tensor(), numel: int(), ...geometry },
    meta: ({ grad, numel }) => ({ dtype: grad.dtype, shape: [numel] }),
    run({ grad, ...args }, out, rt) {
      rt.fill(out, 0);
      if (grad.numel === 0) return;
      const { layout, offset } = part(place(args));
      const from = rt.contiguous(grad);
      const at = out.ptr + offset * facts[out.dtype].size;
      rt.kernelFor('add_strided', out.dtype)(at, from.ptr, rt.describe(layout), from.numel);
    },
    vjp: { grad: ({ g, ...args }) => viewAt(g.contiguous(), place(args)) },
  }),
  _strided_put: op({
    doc: 'self, which is contiguous, with src where a geometry has it.',
    internal: true,
    params: { self: tensor(), src: tensor(), ...geometry },
    meta({ self, src, ...args }) {
      checkBounds(args, self, self.numel);
      return sameShape(src.shape, args.size) ? { dtype: self.dtype, shape: self.shape } : refuse('no part');
    },
    run: ({ self, src, ...args }, out, rt) => scatterPart(rt, self, src, out, part(place(args))),
    vjp: {
      self: ({ g, src, ...args }) => putAt(g, src.zerosLike(), place(args)),
      src: ({ g, ...args }) => viewAt(g.contiguous(), place(args)),
    },
  }),
  as_strided_scatter: fusedOp({
    doc: 'self with src over the part of its memory that sizes and strides name.',
    params: { self: tensor(), src: tensor(), size: ints(), stride: ints(), storage_offset: maybeInt() },
    forward: (args) => stridedScatter(args),
    vjp: {
      // PyTorch has the gradient of self where src was written, not where it was not.
      self({ g, self, ...args }) {
        const slice = written(g, args);
        const { size, stride, storage_offset } = args;
        const zeros = g.newZeros([numelOf(self.shape)]);
        return putAt(zeros, slice, { size, stride, offset: storage_offset ?? 0 }).reshape(self.shape);
      },
      src: ({ g, ...args }) => written(g, args),
    },
  }),
} satisfies Record<string, Op>;
