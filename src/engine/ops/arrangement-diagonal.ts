import { GraddError } from '../errors.ts';
import { type DType, facts, notImplementedFor, resultType } from '../tensor/dtype.ts';
import { type Layout, normalizeDim, type Shape, stridedLayout } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { scatterPart, sliceMeta } from './arrangement-parts.ts';
import { composite, type Op, op, viewOp } from './define.ts';
import { int, ints, kw, maybeDType, spread, tensor, tensorList } from './params.ts';
import type { Runtime } from './runtime.ts';

const diagonalParams = { self: tensor(), offset: int(0), dim1: int(0), dim2: int(1) };

interface Diagonal {
  offset: number;
  dim1: number;
  dim2: number;
}

/** Two dimensions that are not the same one. */
function twoDims({ dim1, dim2 }: Diagonal, ndim: number): [number, number] {
  const [a, b] = [normalizeDim(dim1, ndim), normalizeDim(dim2, ndim)];
  if (a !== b) return [a, b];
  throw new GraddError('invalid-argument', `diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
}

/** How many elements a diagonal has. */
function diagonalSize(rows: number, cols: number, offset: number): number {
  return Math.max(0, offset >= 0 ? Math.min(rows, cols - offset) : Math.min(rows + offset, cols));
}

function diagonalShape(shape: Shape, args: Diagonal): number[] {
  const [a, b] = twoDims(args, shape.length);
  const n = diagonalSize(shape[a] as number, shape[b] as number, args.offset);
  return [...shape.filter((_, d) => d !== a && d !== b), n];
}

/** The diagonal as a view; its dimension is the last. */
function diagonalPart({ shape, strides }: Layout, args: Diagonal): { layout: Layout; offset: number } {
  const [a, b] = twoDims(args, shape.length);
  const sizes = diagonalShape(shape, args);
  const [rows, cols] = [strides[a] as number, strides[b] as number];
  const first = args.offset >= 0 ? args.offset * cols : -args.offset * rows;
  const rest = strides.filter((_, d) => d !== a && d !== b);
  return {
    layout: stridedLayout(sizes, [...rest, rows + cols]),
    offset: sizes.at(-1) === 0 ? 0 : first,
  };
}

const three = ({ offset, dim1, dim2 }: Diagonal): Diagonal => ({ offset, dim1, dim2 });

/** Writes a tensor over the diagonal of a contiguous one. */
function putDiagonal(rt: Runtime, out: Tensor, source: Tensor, args: Diagonal): void {
  const { layout, offset } = diagonalPart(out.layout, args);
  rt.copyInto(out.ptr + offset * facts[out.dtype].size, layout, source);
}

/** The shape of `diag_embed`: a matrix for each vector. */
function embeddedShape(self: Value, args: Diagonal): number[] {
  const ndim = self.ndim + 1;
  const [a, b] = twoDims(args, ndim);
  const size = (self.shape.at(-1) ?? 1) + Math.abs(args.offset);
  const rest = self.shape.slice(0, -1);
  return Array.from({ length: ndim }, (_, d) => (d === a || d === b ? size : (rest.shift() as number)));
}

const rowsOf = (t: Value): number => (t.ndim === 2 ? (t.shape[0] as number) : 1);
const colsOf = (t: Value): number => t.shape.at(-1) ?? 1;
const total = (tensors: readonly Value[], size: (t: Value) => number): number =>
  tensors.reduce((sum, t) => sum + size(t), 0);

/** The matrices one after the other, each with the place of its first element. */
function* blocks<T extends Value>(tensors: readonly T[]): Generator<{ t: T; row: number; col: number }> {
  let [row, col] = [0, 0];
  for (const t of tensors) {
    yield { t, row, col };
    row += rowsOf(t);
    col += colsOf(t);
  }
}

function blockMeta(tensors: readonly Value[], defaultDType: DType) {
  if (tensors.length === 0) return { dtype: defaultDType, shape: [1, 0] };
  const bad = tensors.findIndex((t) => t.ndim > 2);
  if (bad >= 0) {
    const message = `torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ${bad} has ${tensors[bad]?.ndim} dimensions`;
    throw new GraddError('shape-mismatch', message);
  }
  const dtype = tensors.map((t) => resultType([t], defaultDType)).reduce((a, b) => resultTypeOf(a, b));
  return { dtype, shape: [total(tensors, rowsOf), total(tensors, colsOf)] };
}

const resultTypeOf = (a: DType, b: DType): DType =>
  resultType(
    [a, b].map((dtype) => ({ dtype, ndim: 1, wrapped: false })),
    a,
  );

/** How many places the first `rows` rows have in the columns up to the diagonal `offset`. */
function lowerCount(rows: number, cols: number, offset: number): number {
  const low = Math.min(rows, Math.max(0, -offset));
  const full = Math.min(rows, Math.max(low, cols - offset - 1));
  const partial = (full - low) * (offset + 1) + (full * (full - 1) - low * (low - 1)) / 2;
  return partial + (rows - full) * cols;
}

function triangleIndices(name: 'tril_indices' | 'triu_indices', doc: string): Op {
  const upper = name === 'triu_indices';
  const bound = (offset: number, row: number, col: number) => Math.max(-row, Math.min(col, offset));
  return op({
    doc,
    on: ['torch'],
    params: { row: int(), col: int(), offset: int(0), dtype: kw(maybeDType()) },
    meta({ row, col, offset, dtype }) {
      if (row < 0) throw new GraddError('invalid-argument', `row must be non-negative, got${row}`);
      if (col < 0) throw new GraddError('invalid-argument', `col must be non-negative, got${col}`);
      if (dtype !== null && dtype !== 'int64' && dtype !== 'int32') notImplementedFor(name, dtype);
      const diagonal = bound(offset, row, col);
      const n = upper ? row * col - lowerCount(row, col, diagonal - 1) : lowerCount(row, col, diagonal);
      return { dtype: dtype ?? 'int64', shape: [2, n] };
    },
    run({ row, col, offset }, out, rt) {
      const diagonal = bound(offset, row, col);
      const first = upper ? 0 : Math.max(0, -diagonal);
      const n = out.shape[1] as number;
      if (n > 0) rt.kernelFor('triangle_indices', out.dtype)(out.ptr, n, first, col, diagonal, Number(upper));
    },
    vjp: null,
  });
}

/** Diagonals and what is made of them. */
export const diagonalOps = {
  diagonal: viewOp({
    doc: 'A diagonal of two dimensions, as the last dimension.',
    params: diagonalParams,
    meta: ({ self, ...args }) => diagonalShape(self.shape, args),
    view: ({ self, ...args }) => diagonalPart(self.layout, args),
    vjp: {
      self: ({ g, self, ...args }) =>
        g.apply('diagonal_backward', { grad_output: g, input_sizes: self.shape, ...three(args) }),
    },
  }),
  diagonal_backward: op({
    doc: 'Zeros but for a diagonal.',
    internal: true,
    params: { grad_output: tensor(), input_sizes: ints(), offset: int(), dim1: int(), dim2: int() },
    meta: ({ grad_output, input_sizes }) => ({ dtype: grad_output.dtype, shape: input_sizes }),
    run({ grad_output, ...args }, out, rt) {
      rt.fill(out, 0);
      putDiagonal(rt, out, grad_output, args);
    },
    vjp: { grad_output: ({ g, ...args }) => g.apply('diagonal', { self: g, ...three(args) }) },
  }),
  'linalg.diagonal': composite({
    doc: 'A diagonal of the matrices that the last two dimensions are.',
    on: ['torch'],
    params: { A: tensor(), offset: kw(int(0)), dim1: kw(int(-2)), dim2: kw(int(-1)) },
    compose: ({ A, ...args }, { call }) => call('diagonal', { self: A, ...three(args) }),
  }),
  diag_embed: op({
    doc: 'Matrices whose diagonals are the last dimension, zeros elsewhere.',
    params: { self: tensor(), offset: int(0), dim1: int(-2), dim2: int(-1) },
    meta: ({ self, ...args }) => ({ dtype: self.dtype, shape: embeddedShape(self, args) }),
    run({ self, ...args }, out, rt) {
      rt.fill(out, 0);
      putDiagonal(rt, out, self, args);
    },
    vjp: { self: ({ g, ...args }) => g.apply('diagonal', { self: g, ...three(args) }) },
  }),
  diag: composite({
    doc: 'The diagonal of a matrix, or a matrix with a vector as its diagonal.',
    params: { self: tensor(), diagonal: int(0) },
    compose({ self, diagonal }, { call }) {
      if (self.ndim === 1) return call('diag_embed', { self, offset: diagonal });
      if (self.ndim === 2) return call('diagonal_copy', { self, offset: diagonal });
      throw new GraddError('shape-mismatch', `diag(): Supports 1D or 2D tensors. Got ${self.ndim}D`);
    },
  }),
  diagflat: composite({
    doc: 'A matrix with all elements as its diagonal.',
    params: { self: tensor(), offset: int(0) },
    compose: ({ self, offset }, { call }) =>
      call('diag', { self: self.contiguous().view([-1]), diagonal: offset }),
  }),
  diagonal_scatter: op({
    doc: 'self with src as a diagonal.',
    params: { self: tensor(), src: tensor(), offset: int(0), dim1: int(0), dim2: int(1) },
    meta: ({ self, src, ...args }) => sliceMeta(self, src, diagonalShape(self.shape, args)),
    run: ({ self, src, ...args }, out, rt) => scatterPart(rt, self, src, out, diagonalPart(out.layout, args)),
    vjp: {
      self: ({ g, src, ...args }) =>
        g.apply('diagonal_scatter', { self: g, src: src.zerosLike(), ...three(args) }),
      src: ({ g, ...args }) => g.apply('diagonal', { self: g, ...three(args) }),
    },
  }),
  block_diag: op({
    doc: 'The tensors as blocks on the diagonal of a matrix of zeros.',
    on: ['torch'],
    params: { tensors: { ...spread(tensorList()), required: false, default: [] } },
    meta: ({ tensors }, defaultDType) => blockMeta(tensors, defaultDType),
    run({ tensors }, out, rt) {
      rt.fill(out, 0);
      const width = out.shape[1] as number;
      for (const { t, row, col } of blocks(tensors)) {
        const layout = stridedLayout([rowsOf(t), colsOf(t)], [width, 1]);
        const block = rt.reshaped(rt.cast(t, out.dtype), layout.shape);
        rt.copyInto(out.ptr + (row * width + col) * facts[out.dtype].size, layout, block);
      }
    },
    vjp: {
      tensors: ({ g, tensors }) =>
        [...blocks(tensors)].map(({ t, row, col }) =>
          g.narrow(0, row, rowsOf(t)).narrow(1, col, colsOf(t)).reshape(t.shape),
        ),
    },
  }),
  tril_indices: triangleIndices('tril_indices', 'Rows and columns of the lower triangle of a matrix.'),
  triu_indices: triangleIndices('triu_indices', 'Rows and columns of the upper triangle of a matrix.'),
} satisfies Record<string, Op>;
