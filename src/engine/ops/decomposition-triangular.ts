import { facts } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import {
  batchOf,
  checkInfo,
  colsOf,
  commonBatch,
  demand,
  failure,
  matricesOf,
  needFloat,
  needKernel,
  needLinear,
  needSolvable,
  needSquare,
  rowsOf,
  sourceIndex,
  typeOf,
} from './decomposition-common.ts';
import {
  factorCholesky,
  multiply,
  solveTriangle,
  type Triangle,
  transposed,
  turned,
  withScratch,
} from './decomposition-host.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { expandedTensor } from './expanded.ts';
import { flag, kw, maybeText, tensor } from './params.ts';
import type { Runtime } from './runtime.ts';

/** Which triangle of A is meant, and how it is used. */
interface Form {
  upper: boolean;
  left?: boolean;
  transpose?: boolean;
  unit?: boolean;
}

const triangleOf = (ptr: number, n: number, upper: boolean, unit: boolean): Triangle => ({
  ptr,
  rowStride: n,
  colStride: 1,
  upper,
  unit,
});

/** Solves for each matrix of X in place; A is broadcast over its batch. */
function solveAll(
  rt: Runtime,
  A: Tensor,
  x: Tensor,
  { upper, left = true, transpose = false, unit = false }: Form,
): void {
  if (x.numel === 0) return;
  const [from, B] = [matricesOf(A), matricesOf(x)];
  const n = from.rows;
  const source = sourceIndex(batchOf(A), batchOf(x));
  for (let i = 0; i < B.count; i++) {
    const plain = triangleOf(from.ptr + source(i) * from.step, n, upper, unit);
    const triangle = transpose ? turned(plain) : plain;
    const at = B.ptr + i * B.step;
    if (left) solveTriangle(rt, B.dtype, triangle, at, n, B.cols);
    else {
      transposed(rt, B.dtype, at, B.rows, n, (bt) =>
        solveTriangle(rt, B.dtype, turned(triangle), bt, n, B.rows),
      );
    }
  }
}

/** The factor of each matrix of `a` in its place. An info per matrix. */
function factorAll(rt: Runtime, a: Tensor, upper: boolean, info: Tensor): void {
  const { ptr, dtype, rows, count, step } = matricesOf(a);
  rt.fillAt(info.ptr, 'int32', info.numel, 0);
  if (a.numel === 0) return;
  for (let i = 0; i < count; i++) {
    const at = ptr + i * step;
    // U is the transpose of the L of the same matrix, of which then the upper triangle counts.
    if (upper) rt.kernelFor('symmetrize', dtype)(at, rows, 1);
    const found = factorCholesky(rt, dtype, at, rows);
    if (found !== 0) rt.write(info.ptr + 4 * i, 'int32', found);
  }
  rt.moveKernel('triangle', dtype)(ptr, ptr, count, rows, rows, 0, 0);
  if (upper) for (let i = 0; i < count; i++) transposeAt(rt, a, ptr + i * step, rows);
}

function transposeAt(rt: Runtime, { dtype }: Tensor, at: number, n: number): void {
  withScratch(rt, () => {
    const copy = rt.arena.alloc(n * n * facts[dtype].size);
    rt.kernelFor('transpose_copy', dtype)(copy, n, at, n, n, n);
    rt.kernel('copy')(at, copy, n * n * facts[dtype].size);
  });
}

const triangular = (B: Value, self: Value, form: Omit<Form, 'transpose'>): Value =>
  B.apply('linalg.solve_triangular', {
    self,
    B,
    upper: form.upper,
    left: form.left ?? true,
    unitriangular: form.unit ?? false,
  });

/** The gradient of a Cholesky factor (Murray, "Differentiation of the Cholesky decomposition", 2016). */
function choleskyBackward(g: Value, factor: Value, upper: boolean): Value {
  const [L, gL] = upper ? [factor.mT, g.mT] : [factor, g];
  const P = L.mT.matmul(gL).tril();
  const symmetric = P.add(P.tril(-1).mT);
  const inner = triangular(symmetric, L.mT, { upper: true });
  return triangular(inner, L, { upper: false, left: false }).mul(0.5);
}

/** The part of a gradient that belongs to a triangle. */
const ofTriangle = (g: Value, upper: boolean, unit: boolean): Value =>
  upper ? g.triu(unit ? 1 : 0) : g.tril(unit ? -1 : 0);

const symmetricSum = (x: Value): Value => x.add(x.mT);

/** Of a matrix product over a larger batch than A's only the sum counts; the driver takes it. */
function choleskySolveInput(g: Value, A: Value, X: Value, upper: boolean): Value {
  const gB = g.apply('cholesky_solve', { B: g, L: A, upper });
  const common = symmetricSum(gB.matmul(X.mT));
  return (upper ? A.matmul(common) : common.matmul(A)).neg();
}

function needFactor(A: Value): void {
  needSquare('cholesky', A);
  needKernel('cholesky_cpu', A);
}

const int32 = (shape: Shape) => ({ dtype: 'int32' as const, shape });

function choleskySolveMeta({ B, L }: { B: Value; L: Value }) {
  const said = (name: string, x: Value) =>
    `${name} should have at least 2 dimensions, but has ${x.ndim} dimensions instead`;
  demand(B.ndim >= 2, 'shape-mismatch', () => said('b', B));
  demand(L.ndim >= 2, 'shape-mismatch', () => said('u', L));
  needLinear('cholesky_solve', B, L);
  needKernel('cholesky_solve_cpu', B);
  return { dtype: B.dtype, shape: [...commonBatch(B, L), rowsOf(B), colsOf(B)] };
}

function triangularMeta({ b, A }: { b: Value; A: Value }) {
  const said = (name: string, x: Value) =>
    `torch.triangular_solve: Expected ${name} to have at least 2 dimensions, but it has ${x.ndim} dimensions instead`;
  demand(b.ndim >= 2, 'shape-mismatch', () => said('b', b));
  demand(A.ndim >= 2, 'shape-mismatch', () => said('A', A));
  needLinear('triangular_solve', b, A);
  needKernel('triangular_solve_cpu', b);
  const batch = commonBatch(b, A);
  const { dtype } = b;
  return [
    { dtype, shape: [...batch, rowsOf(b), colsOf(b)] },
    { dtype, shape: [...batch, rowsOf(A), colsOf(A)] },
  ];
}

/** (L Lᵀ)⁻¹ of each matrix; throws where the diagonal of L has a zero. */
function invertAll(rt: Runtime, L: Tensor, out: Tensor, upper: boolean): void {
  if (out.numel === 0) return;
  const { ptr, dtype, rows: n, count, step } = matricesOf(out);
  const source = rt.contiguous(L);
  const { suffix } = facts[dtype];
  const inverse = rt.empty(dtype, [n, n]);
  for (let i = 0; i < count; i++) {
    const factor = source.ptr + i * step;
    const zero = rt.status(`zero_on_diagonal_${suffix}`, factor, n, n);
    if (zero !== 0) {
      const said = `The diagonal element ${zero} is zero, the inversion could not be completed because the input matrix is singular.`;
      throw failure('cholesky_inverse', out.ndim === 2, i, said);
    }
    rt.kernelFor('eye', dtype)(inverse.ptr, n, n);
    solveTriangle(rt, dtype, triangleOf(factor, n, upper, false), inverse.ptr, n, n);
    // L⁻ᵀ L⁻¹, or U⁻¹ U⁻ᵀ.
    const plain = [inverse.ptr, n, 1] as const;
    const flipped = [inverse.ptr, 1, n] as const;
    const at = ptr + i * step;
    multiply(rt, dtype, at, upper ? plain : flipped, upper ? flipped : plain, [n, n, n]);
    rt.kernelFor('symmetrize', dtype)(at, n, 0);
  }
}

const upperFlag = flag();

/** Cholesky factorisations and triangular systems. */
export const triangularOps = {
  _linalg_cholesky_ex: manyOp({
    doc: 'Cholesky factor and info.',
    internal: true,
    gradFn: 'LinalgCholeskyExBackward0',
    params: { self: tensor(), upper: flag(), complain: maybeText() },
    meta({ self }) {
      needSquare('linalg.cholesky', self);
      needFloat('linalg.cholesky', self);
      return [{ dtype: self.dtype, shape: self.shape }, int32(batchOf(self))];
    },
    run({ self, upper, complain }, [L, info], rt) {
      const [factor, codes] = [L as Tensor, info as Tensor];
      rt.copyTo(factor.ptr, self);
      factorAll(rt, factor, upper, codes);
      if (complain !== null) checkInfo(rt, codes, complain);
    },
    vjp: { self: ({ g: [g], out: [L], upper }) => (g ? choleskyBackward(g, L as Value, upper) : null) },
  }),
  'linalg.cholesky_ex': composite({
    doc: 'L with A = L Lᵀ, and for each matrix 0 or the order of the first minor that is not positive.',
    fields: ['L', 'info'],
    params: { self: tensor(), upper: kw(flag()), check_errors: kw(flag()) },
    compose: ({ self, upper, check_errors }, { call }) =>
      call('_linalg_cholesky_ex', {
        self,
        upper,
        complain: check_errors ? 'linalg.cholesky_ex' : null,
      }) as Value[],
  }),
  'linalg.cholesky': composite({
    doc: 'L with A = L Lᵀ, or its transpose.',
    params: { self: tensor(), upper: kw(flag()) },
    compose: ({ self, upper }, { call }) =>
      (call('_linalg_cholesky_ex', { self, upper, complain: 'linalg.cholesky' }) as Value[])[0] as Value,
  }),
  cholesky: op({
    doc: 'As linalg.cholesky.',
    params: { self: tensor(), upper: upperFlag },
    meta({ self }) {
      if (self.numel > 0 || self.ndim < 2) needFactor(self);
      return { dtype: self.dtype, shape: self.shape };
    },
    run({ self, upper }, out, rt) {
      if (out.numel === 0) return;
      const info = rt.empty('int32', batchOf(self));
      rt.copyTo(out.ptr, self);
      factorAll(rt, out, upper, info);
      checkInfo(rt, info, 'cholesky');
    },
    vjp: { self: ({ g, out, upper }) => choleskyBackward(g, out, upper) },
  }),
  cholesky_solve: op({
    doc: 'Solution X of L Lᵀ X = B.',
    params: { B: tensor(), L: tensor(), upper: upperFlag },
    meta: choleskySolveMeta,
    run({ B, L, upper }, out, rt) {
      const factor = rt.contiguous(L);
      rt.copyTo(out.ptr, expandedTensor(rt, B, out.shape));
      solveAll(rt, factor, out, { upper, transpose: upper });
      solveAll(rt, factor, out, { upper, transpose: !upper });
    },
    vjp: {
      B: ({ g, L, upper }) => g.apply('cholesky_solve', { B: g, L, upper }),
      L: ({ g, L, out, upper }) => choleskySolveInput(g, L, out, upper),
    },
  }),
  cholesky_inverse: op({
    doc: 'Inverse of L Lᵀ.',
    params: { L: tensor(), upper: upperFlag },
    meta({ L }) {
      needSquare('cholesky_inverse', L);
      needKernel('cholesky_inverse_out_cpu', L);
      return { dtype: L.dtype, shape: L.shape };
    },
    run: ({ L, upper }, out, rt) => invertAll(rt, L, out, upper),
    vjp: {
      L({ g, L, out, upper }) {
        const common = out.matmul(symmetricSum(g)).matmul(out);
        return (upper ? L.matmul(common) : common.matmul(L)).neg();
      },
    },
  }),
  'linalg.solve_triangular': op({
    doc: 'Solution X of A X = B (or X A = B) for a triangular A.',
    params: {
      self: tensor(),
      B: tensor(),
      upper: { ...kw(flag()), required: true },
      left: kw(flag(true)),
      unitriangular: kw(flag()),
    },
    gradFn: 'LinalgSolveTriangularBackward0',
    meta({ self, B, left }) {
      needSolvable('linalg.solve_triangular', self, B, left);
      needKernel('triangular_solve_cpu', self);
      demand(
        self.dtype === B.dtype,
        'dtype-mismatch',
        () =>
          `linalg.solve_triangular: Expected A and B to have the same dtype, but found A of type ${typeOf(self)} and B of type ${typeOf(B)} instead`,
      );
      return { dtype: self.dtype, shape: [...commonBatch(B, self), rowsOf(B), colsOf(B)] };
    },
    run({ self, B, upper, left, unitriangular }, out, rt) {
      rt.copyTo(out.ptr, expandedTensor(rt, B, out.shape));
      solveAll(rt, rt.contiguous(self), out, { upper, left, unit: unitriangular });
    },
    vjp: {
      self({ g, self, out, upper, left, unitriangular: unit }) {
        const gB = triangular(g, self.mT, { upper: !upper, left, unit });
        const gA = left ? gB.matmul(out.mT) : out.mT.matmul(gB);
        return ofTriangle(gA.neg(), upper, unit);
      },
      B: ({ g, self, upper, left, unitriangular: unit }) =>
        triangular(g, self.mT, { upper: !upper, left, unit }),
    },
  }),
  triangular_solve: manyOp({
    doc: 'Solution X of A X = b for a triangular A, and A.',
    fields: ['solution', 'cloned_coefficient'],
    params: {
      b: tensor(),
      A: tensor(),
      upper: flag(true),
      transpose: flag(),
      unitriangular: flag(),
    },
    meta: triangularMeta,
    run({ b, A, upper, transpose, unitriangular }, [solution, clone], rt) {
      const [X, copy] = [solution as Tensor, clone as Tensor];
      rt.copyTo(copy.ptr, expandedTensor(rt, A, copy.shape));
      rt.copyTo(X.ptr, expandedTensor(rt, b, X.shape));
      solveAll(rt, copy, X, { upper, transpose, unit: unitriangular });
    },
    vjp: {
      b: ({ g: [g], A, upper, transpose, unitriangular }) =>
        g
          ? (g.applyAll('triangular_solve', {
              b: g,
              A,
              upper,
              transpose: !transpose,
              unitriangular,
            })[0] as Value)
          : null,
      A({ g: [g, gClone], A, upper, transpose, unitriangular, out: [X] }) {
        if (!g) return gClone ?? null;
        const args = { b: g, A, upper, transpose: !transpose, unitriangular };
        const gB = g.applyAll('triangular_solve', args)[0] as Value;
        const gA = transpose ? (X as Value).matmul(gB.mT) : gB.matmul((X as Value).mT);
        const own = ofTriangle(gA.neg(), upper, unitriangular);
        return gClone ? own.add(gClone) : own;
      },
    },
  }),
} satisfies Record<string, Op>;
