import { GraddError } from '../errors.ts';
import { facts, notImplementedFor, type Scalar } from '../tensor/dtype.ts';
import { broadcastShapes, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { expandedTensor } from './expanded.ts';
import { convertedFactor } from './factor.ts';
import { product } from './fold.ts';
import { kw, maybeTensor, scalar, tensor } from './params.ts';
import { pointwiseKernel } from './pointwise-op.ts';
import type { Runtime } from './runtime.ts';

const cName = { float64: 'double', float32: 'float', int64: 'long int', int32: 'int', bool: 'bool' };

function sameDTypes(a: Value, b: Value, scalarTypes = false): void {
  if (a.dtype === b.dtype) {
    if (a.dtype !== 'bool') return;
    throw new GraddError(
      'dtype-mismatch',
      `"addmm_impl_cpu_" not implemented for '${facts.bool.scalarType}'`,
    );
  }
  if (scalarTypes) {
    const types = `${facts[a.dtype].scalarType} and ${facts[b.dtype].scalarType}`;
    throw new GraddError('dtype-mismatch', `mat1 and mat2 must have the same dtype, but got ${types}`);
  }
  const message = `expected m1 and m2 to have the same dtype, but got: ${cName[a.dtype]} != ${cName[b.dtype]}`;
  throw new GraddError('dtype-mismatch', message);
}

const size = (x: Value, d: number): number => x.shape[d] as number;

function needDims(x: Value, ndim: number, message: string): void {
  if (x.ndim !== ndim) throw new GraddError('shape-mismatch', message);
}

/** The shape of a product of matrices, or PyTorch's complaint. */
function mmShape(self: Value, mat2: Value, scalarTypes = false): Shape {
  needDims(self, 2, 'self must be a matrix');
  needDims(mat2, 2, 'mat2 must be a matrix');
  if (size(self, 1) !== size(mat2, 0)) {
    const message = `mat1 and mat2 shapes cannot be multiplied (${self.shape.join('x')} and ${mat2.shape.join('x')})`;
    throw new GraddError('shape-mismatch', message);
  }
  sameDTypes(self, mat2, scalarTypes);
  return [size(self, 0), size(mat2, 1)];
}

function bmmShape(self: Value, mat2: Value): Shape {
  needDims(self, 3, 'batch1 must be a 3D tensor');
  needDims(mat2, 3, 'batch2 must be a 3D tensor');
  if (size(self, 0) !== size(mat2, 0) || size(self, 2) !== size(mat2, 1)) {
    const message =
      `Expected size for first two dimensions of batch2 tensor to be: [${size(self, 0)}, ${size(self, 2)}] ` +
      `but got: [${size(mat2, 0)}, ${size(mat2, 1)}].`;
    throw new GraddError('shape-mismatch', message);
  }
  if (self.dtype !== mat2.dtype) {
    const message = `expected scalar type ${facts[self.dtype].scalarType} but found ${facts[mat2.dtype].scalarType}`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (self.dtype === 'bool') notImplementedFor('bmm', 'bool');
  return [size(self, 0), size(self, 1), size(mat2, 2)];
}

/** A matrix in memory: address of the first element and strides in elements. */
interface Matrix {
  ptr: number;
  rows: number;
  cols: number;
  rowStride: number;
  colStride: number;
}

const matrixOf = (t: Tensor): Matrix => ({
  ptr: t.ptr,
  rows: size(t, 0),
  cols: size(t, 1),
  rowStride: t.layout.strides[0] as number,
  colStride: t.layout.strides[1] as number,
});

/** out = a b for one pair of matrices or several of the same form, `steps` bytes apart. */
function gemm(
  rt: Runtime,
  out: Tensor,
  a: Matrix,
  b: Matrix,
  batch = 1,
  steps: readonly number[] = [0, 0, 0],
): void {
  if (out.numel === 0) return;
  if (a.cols === 0) {
    rt.fill(out, 0);
    return;
  }
  const [m, n, k] = [a.rows, b.cols, a.cols];
  // A view may be far larger than its bytes; here it is read whole.
  rt.admit(m * k);
  rt.admit(k * n);
  const bytes = rt.kernelFor('pack_bytes', out.dtype)(m, n, k);
  const pack = rt.arena.alloc(bytes);
  const kernel = rt.kernelFor('gemm', out.dtype);
  const [stepOut, stepA, stepB] = steps as [number, number, number];
  for (let i = 0; i < batch; i++) {
    kernel(
      out.ptr + i * stepOut,
      a.ptr + i * stepA,
      b.ptr + i * stepB,
      m,
      n,
      k,
      a.rowStride,
      a.colStride,
      b.rowStride,
      b.colStride,
      pack,
    );
    rt.checkTime();
  }
  rt.arena.free(pack, bytes);
}

function runBmm(rt: Runtime, out: Tensor, self: Tensor, mat2: Tensor): void {
  const bytes = facts[out.dtype].size;
  const slice = (t: Tensor): Matrix => ({
    ptr: t.ptr,
    rows: size(t, 1),
    cols: size(t, 2),
    rowStride: t.layout.strides[1] as number,
    colStride: t.layout.strides[2] as number,
  });
  const step = (t: Tensor): number => (t.layout.strides[0] as number) * bytes;
  gemm(rt, out, slice(self), slice(mat2), size(self, 0), [step(out), step(self), step(mat2)]);
}

const row = (t: Tensor): Matrix => ({
  ptr: t.ptr,
  rows: 1,
  cols: t.numel,
  rowStride: 0,
  colStride: t.layout.strides[0] ?? 1,
});
const column = (t: Tensor): Matrix => ({
  ptr: t.ptr,
  rows: t.numel,
  cols: 1,
  rowStride: t.layout.strides[0] ?? 1,
  colStride: 0,
});

function dotMeta({ self, tensor }: { self: Value; tensor: Value }) {
  if (self.ndim !== 1 || tensor.ndim !== 1) {
    throw new GraddError(
      'shape-mismatch',
      `1D tensors expected, but got ${self.ndim}D and ${tensor.ndim}D tensors`,
    );
  }
  if (self.dtype !== tensor.dtype) {
    const message = `dot : expected both vectors to have same dtype, but found ${facts[self.dtype].scalarType} and ${facts[tensor.dtype].scalarType}`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (self.dtype === 'bool') throw new GraddError('dtype-mismatch', '"dot" not implemented for \'Bool\'');
  if (self.numel !== tensor.numel) {
    const message =
      `inconsistent tensor size, expected tensor [${self.numel}] and src [${tensor.numel}] to have the same number of ` +
      `elements, but got ${self.numel} and ${tensor.numel} elements respectively`;
    throw new GraddError('shape-mismatch', message);
  }
  return { dtype: self.dtype, shape: [] };
}

function mvMeta({ self, vec }: { self: Value; vec: Value }) {
  if (self.ndim !== 2 || vec.ndim !== 1) {
    const message = `vector + matrix @ vector expected, got 1, ${self.ndim}, ${vec.ndim}`;
    throw new GraddError('shape-mismatch', message);
  }
  if (size(self, 1) !== vec.numel) {
    const message = `size mismatch, got input (${size(self, 0)}), mat (${self.shape.join('x')}), vec (${vec.numel})`;
    throw new GraddError('shape-mismatch', message);
  }
  sameDTypes(self, vec);
  return { dtype: self.dtype, shape: [size(self, 0)] };
}

const times = (x: Value, factor: Scalar): Value => (Number(factor) === 1 ? x : x.mul(factor));
const isZero = (x: Scalar): boolean => Number(x) === 0;

const mulKernel = pointwiseKernel('mul');
const addKernel = pointwiseKernel('add');

/** The larger operand folded into a matrix, as PyTorch decides in `should_fold`. */
function shouldFold(self: Value, other: Value): boolean {
  const larger = self.ndim >= other.ndim;
  const [big, small] = larger ? [self, other] : [other, self];
  if (big.ndim < 3 || small.ndim > 2) return false;
  if (small.requiresGrad) return true;
  if (self.ndim === 2) return false;
  if (big.numel === 0) return true;
  const folded = larger ? big : big.mT;
  return folded.viewable([product(folded.shape.slice(0, -1)), folded.size(-1)]);
}

function foldedMatmul(
  self: Value,
  other: Value,
  { call }: { call: (op: string, args: Record<string, unknown>) => Value | Value[] },
): Value {
  const turned = other.ndim > self.ndim;
  const big = turned ? other.mT : self;
  const small = turned ? (self.ndim === 2 ? self.t() : self) : other;
  const lead = big.shape.slice(0, -1);
  const matrix = big.reshape([product(lead), big.size(-1)]);
  const unfold = (x: Value, shape: Shape): Value => call('_unsafe_view', { self: x, size: shape }) as Value;
  if (small.ndim === 1) return unfold(matrix.mv(small), lead);
  const out = unfold(matrix.mm(small), [...lead, small.size(1)]);
  return turned ? out.mT.contiguous() : out;
}

function batchedMatmul(self: Value, other: Value, context: Parameters<typeof foldedMatmul>[2]): Value {
  const [batchA, batchB] = [self.shape.slice(0, -2), other.shape.slice(0, -2)];
  if (self.ndim === 3 && other.ndim === 3 && batchA[0] !== batchB[0]) {
    if (batchA[0] === 1 && self.requiresGrad) return matmul(self.squeeze(0), other, context);
    if (batchB[0] === 1 && other.requiresGrad) return matmul(self, other.squeeze(0), context);
  }
  const [n, m1] = [self.ndim > 1 ? self.size(-2) : 1, self.size(-1)];
  const [m2, p] = [other.ndim > 1 ? other.size(-2) : other.size(-1), other.ndim > 1 ? other.size(-1) : 1];
  const batch = broadcastShapes(batchA, batchB);
  const count = product(batch);
  const a = self.expand([...batch, n, m1]).reshape([count, n, m1]);
  const b =
    other.ndim === 1
      ? other
          .expand([...batch, m2])
          .reshape([count, m2])
          .unsqueeze(2)
      : other.expand([...batch, m2, p]).reshape([count, m2, p]);
  const shape = [...batch, ...(self.ndim > 1 ? [n] : []), ...(other.ndim > 1 ? [p] : [])];
  return context.call('_unsafe_view', { self: a.bmm(b), size: shape }) as Value;
}

/** PyTorch's `matmul`: products of vectors, matrices and batches of them, decomposed as it decomposes them. */
function matmul(self: Value, other: Value, context: Parameters<typeof foldedMatmul>[2]): Value {
  if (self.ndim === 0 || other.ndim === 0) {
    const message = `both arguments to matmul need to be at least 1D, but they are ${self.ndim}D and ${other.ndim}D`;
    throw new GraddError('shape-mismatch', message);
  }
  if (self.ndim === 1 && other.ndim === 1) return self.dot(other);
  if (self.ndim === 2 && other.ndim === 1) return self.mv(other);
  if (self.ndim === 1 && other.ndim === 2) {
    return context.call('squeeze_', { self: self.unsqueeze(0).mm(other), dim: 0 }) as Value;
  }
  if (self.ndim === 2 && other.ndim === 2) return self.mm(other);
  return shouldFold(self, other) ? foldedMatmul(self, other, context) : batchedMatmul(self, other, context);
}

/** Products of vectors and matrices. */
export const linalgOps = {
  mm: op({
    doc: 'Product of two matrices.',
    params: { self: tensor(), mat2: tensor() },
    meta: ({ self, mat2 }) => ({ dtype: self.dtype, shape: mmShape(self, mat2) }),
    run: ({ self, mat2 }, out, rt) => gemm(rt, out, matrixOf(self), matrixOf(mat2)),
    vjp: { self: ({ g, mat2 }) => g.mm(mat2.t()), mat2: ({ g, self }) => self.t().mm(g) },
  }),
  bmm: op({
    doc: 'Products of two batches of matrices.',
    params: { self: tensor(), mat2: tensor() },
    meta: ({ self, mat2 }) => ({ dtype: self.dtype, shape: bmmShape(self, mat2) }),
    run: ({ self, mat2 }, out, rt) => runBmm(rt, out, self, mat2),
    vjp: {
      self: ({ g, mat2 }) => g.bmm(mat2.transpose(1, 2)),
      mat2: ({ g, self }) => self.transpose(1, 2).bmm(g),
    },
  }),
  mv: op({
    doc: 'Product of a matrix and a vector.',
    params: { self: tensor(), vec: tensor() },
    meta: mvMeta,
    run: ({ self, vec }, out, rt) => gemm(rt, out, matrixOf(self), column(vec)),
    vjp: { self: ({ g, vec }) => g.unsqueeze(1).mul(vec), vec: ({ g, self }) => self.t().mv(g) },
  }),
  dot: op({
    doc: 'Sum of the products of two vectors.',
    params: { self: tensor(), tensor: tensor() },
    meta: dotMeta,
    run: ({ self, tensor }, out, rt) => gemm(rt, out, row(self), column(tensor)),
    vjp: { self: ({ g, tensor }) => g.mul(tensor), tensor: ({ g, self }) => g.mul(self) },
  }),
  matmul: composite({
    doc: 'Product of vectors, matrices, or batches of them with broadcasting.',
    aliases: ['linalg.matmul', '__matmul__'],
    params: { self: tensor(), other: tensor() },
    compose: ({ self, other }, context) => matmul(self, other, context),
  }),
  outer: composite({
    doc: 'All products of the elements of two vectors.',
    aliases: ['ger'],
    params: { self: tensor(), vec2: tensor() },
    compose({ self, vec2 }) {
      for (const [name, x] of Object.entries({ self, vec2 })) {
        if (x.ndim === 1) continue;
        throw new GraddError('shape-mismatch', `outer: Expected 1-D argument ${name}, but got ${x.ndim}-D`);
      }
      return self.reshape([self.numel, 1]).mul(vec2);
    },
  }),
  addmm: op({
    doc: 'beta self + alpha (mat1 @ mat2).',
    params: { self: tensor(), mat1: tensor(), mat2: tensor(), beta: kw(scalar(1n)), alpha: kw(scalar(1n)) },
    meta({ self, mat1, mat2 }) {
      needDims(mat1, 2, `mat1 must be a matrix, got ${mat1.ndim}-D tensor`);
      needDims(mat2, 2, `mat2 must be a matrix, got ${mat2.ndim}-D tensor`);
      const shape = mmShape(mat1, mat2, true);
      if (self.dtype !== mat1.dtype) {
        const message = `self and mat2 must have the same dtype, but got ${facts[self.dtype].scalarType} and ${facts[mat2.dtype].scalarType}`;
        throw new GraddError('dtype-mismatch', message);
      }
      expandable(self, shape);
      return { dtype: self.dtype, shape };
    },
    run({ self, mat1, mat2, ...factors }, out, rt) {
      const alpha = convertedFactor(factors.alpha, out.dtype);
      const beta = convertedFactor(factors.beta, out.dtype);
      gemm(rt, out, matrixOf(mat1), matrixOf(mat2));
      const scaled = Number(alpha) === 1 ? out : mulKernel(rt, [out, rt.wrap(alpha)]);
      if (isZero(beta)) {
        if (scaled !== out) rt.copyTo(out.ptr, scaled);
        return;
      }
      const base = expandedTensor(rt, self, out.shape);
      const term = Number(beta) === 1 ? base : mulKernel(rt, [base, rt.wrap(beta)]);
      rt.copyTo(out.ptr, addKernel(rt, [scaled, term]));
    },
    vjp: {
      self: ({ g, beta }) => times(g, beta),
      mat1: ({ g, mat2, alpha }) => times(g.mm(mat2.t()), alpha),
      mat2: ({ g, mat1, alpha }) => times(mat1.t().mm(g), alpha),
    },
  }),
  'nn.functional.linear': composite({
    doc: 'input @ weight.T + bias.',
    params: { input: tensor(), weight: tensor(), bias: maybeTensor() },
    compose({ input, weight, bias }, context) {
      const { call } = context;
      if (bias === null) return matmul(input, weight.t(), context);
      if (input.ndim === 2 && weight.ndim === 2)
        return call('addmm', { self: bias, mat1: input, mat2: weight.t() });
      if (input.isContiguous && input.ndim > 0 && weight.ndim === 2) {
        const lead = input.shape.slice(0, -1);
        const flat = input.reshape([product(lead), input.size(-1)]);
        const out = call('addmm', { self: bias, mat1: flat, mat2: weight.t() }) as Value;
        return out.view([...lead, out.size(1)]);
      }
      return matmul(input, weight.t(), context).add(bias);
    },
  }),
} satisfies Record<string, Op>;

/** `addmm` expands its first argument to the shape of the product. */
export function expandable(self: Value, shape: Shape): void {
  const lead = shape.length - self.ndim;
  const off = shape.findLastIndex(
    (want, i) => i >= lead && self.shape[i - lead] !== want && self.shape[i - lead] !== 1,
  );
  if (lead < 0) {
    const message = `expand(torch.${facts[self.dtype].scalarType}Tensor{[${self.shape.join(', ')}]}, size=[${shape.join(', ')}]): the number of sizes provided (${shape.length}) must be greater or equal to the number of dimensions in the tensor (${self.ndim})`;
    throw new GraddError('shape-mismatch', message);
  }
  if (off < 0) return;
  const message =
    `The expanded size of the tensor (${shape[off]}) must match the existing size (${self.shape[off - lead]}) at ` +
    `non-singleton dimension ${off}.  Target sizes: [${shape.join(', ')}].  Tensor sizes: [${self.shape.join(', ')}]`;
  throw new GraddError('shape-mismatch', message);
}
