import { GraddError } from '../errors.ts';
import { type DType, facts } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Value } from '../tensor/value.ts';
import {
  batchOf,
  colsOf,
  demand,
  diagonalMask,
  diagonalMatrix,
  failure,
  matricesOf,
  needFloat,
  needKernel,
  needMatrix,
  needSquare,
  rowsOf,
  typeOf,
} from './decomposition-common.ts';
import { eigenSymmetric, svd, withScratch, writable } from './decomposition-host.ts';
import { type CompositeContext, composite, fusedOp, manyOp, type Op } from './define.ts';
import { flag, float, kw, maybeNumber, maybeText, number, tensor, text } from './params.ts';
import type { Runtime } from './runtime.ts';

const short = (A: Value): number => Math.min(rowsOf(A), colsOf(A));

function upperOf(UPLO: string): boolean {
  const letter = UPLO.toUpperCase();
  if (letter === 'L' || letter === 'U') return letter === 'U';
  throw new GraddError('invalid-argument', `Expected UPLO argument to be 'L' or 'U', but got ${UPLO}`);
}

const skew = (x: Value): Value => x.sub(x.mT);

/** Differences of all pairs, 1 on the diagonal. */
function differences(x: Value): Value {
  const all = x.unsqueeze(-2).sub(x.unsqueeze(-1));
  return all.maskedFill(diagonalMask(x, x.size(-1)), 1);
}

function eighBackward(gL: Value | null, gV: Value | null, L: Value, V: Value): Value | null {
  if (gV === null) return gL && V.mul(gL.unsqueeze(-2)).matmul(V.mT);
  const inner = skew(V.mT.matmul(gV)).mul(0.5).div(differences(L));
  const whole = gL ? inner.add(diagonalMatrix(gL)) : inner;
  return V.matmul(whole.matmul(V.mT));
}

/** What U and V turn by: PyTorch's `svd_backward`. */
function svdInner(gU: Value | null, gV: Value | null, U: Value, S: Value, Vh: Value): Value | null {
  const [across, down] = [S.unsqueeze(-2), S.unsqueeze(-1)];
  const E = gU || gV ? differences(S.mul(S)) : S;
  const left = gU && skew(U.mT.matmul(gU)).mul(across);
  const right = gV && down.mul(skew(Vh.matmul(gV.mT)));
  const sum = left && right ? left.add(right) : (left ?? right);
  return sum ? sum.div(E) : null;
}

function svdBackward([gU, gS, gV]: (Value | null)[], [U, S, Vh]: [Value, Value, Value]): Value | null {
  const [m, n] = [rowsOf(U), colsOf(Vh)];
  const turn = svdInner(gU ?? null, gV ?? null, U, S, Vh);
  if (turn === null) {
    if (!gS) return null;
    return m >= n ? U.mul(gS.unsqueeze(-2)).matmul(Vh) : U.matmul(gS.unsqueeze(-1).mul(Vh));
  }
  const inner = gS ? turn.add(diagonalMatrix(gS)) : turn;
  if (m > n && gU) {
    const scaled = gU.div(S.unsqueeze(-2));
    const beside = scaled.sub(U.matmul(U.mT.matmul(scaled)));
    return U.matmul(inner).add(beside).matmul(Vh);
  }
  if (m < n && gV) {
    const scaled = gV.div(S.unsqueeze(-1));
    const beside = scaled.sub(scaled.matmul(Vh.mT).matmul(Vh));
    return U.matmul(inner.matmul(Vh).add(beside));
  }
  return m >= n ? U.matmul(inner.matmul(Vh)) : U.matmul(inner).matmul(Vh);
}

/** The part of full matrices that belongs to singular values. */
function reduced(x: Value | null, dim: number, k: number): Value | null {
  return x && (x.size(dim) === k ? x : x.narrow(dim, 0, k));
}

function eighMeta({ A, UPLO, compute_v }: { A: Value; UPLO: string; compute_v: boolean }) {
  needSquare('linalg.eigh', A);
  upperOf(UPLO);
  needKernel('linalg_eigh_cpu', A);
  const { dtype } = A;
  return [
    { dtype, shape: A.shape.slice(0, -1) },
    { dtype, shape: compute_v ? A.shape : [0] },
  ];
}

const repeated = (what: string): string =>
  `The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated ${what} (error code: 1).`;

function runEigh(
  { A, UPLO, compute_v }: { A: Tensor; UPLO: string; compute_v: boolean },
  values: Tensor,
  vectors: Tensor,
  rt: Runtime,
): void {
  if (A.numel === 0) return;
  const a = writable(rt, A);
  const { ptr, dtype, rows: n, count, step } = matricesOf(a);
  const { size } = facts[dtype];
  for (let i = 0; i < count; i++) {
    const [w, v] = [values.ptr + i * n * size, compute_v ? vectors.ptr + i * step : 0];
    const done = eigenSymmetric(rt, dtype, ptr + i * step, n, upperOf(UPLO), w, v);
    if (!done) throw failure('linalg.eigh', A.ndim === 2, i, repeated('eigenvalues'));
  }
}

interface SvdArgs<V = Value> {
  A: V;
  full_matrices: boolean;
  compute_uv: boolean;
  driver: string | null;
}

function svdMeta({ A, full_matrices, compute_uv, driver }: SvdArgs) {
  needMatrix('linalg.svd', A);
  needFloat('linalg.svd', A);
  demand(
    driver === null,
    'invalid-argument',
    () =>
      'torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.',
  );
  const [m, n, k, batch, { dtype }] = [rowsOf(A), colsOf(A), short(A), batchOf(A), A];
  return [
    { dtype, shape: compute_uv ? [...batch, m, full_matrices ? m : k] : [0] },
    { dtype, shape: [...batch, k] },
    { dtype, shape: compute_uv ? [...batch, full_matrices ? n : k, n] : [0] },
  ];
}

function runSvd(
  { A, full_matrices, compute_uv }: SvdArgs<Tensor>,
  [U, S, Vh]: [Tensor, Tensor, Tensor],
  rt: Runtime,
): void {
  if (S.numel + (compute_uv ? U.numel + Vh.numel : 0) === 0) return;
  const a = writable(rt, A);
  const { ptr, dtype, rows: m, cols: n, count, step } = matricesOf(a);
  const { size } = facts[dtype];
  const [k, uSize, vSize] = [
    Math.min(m, n),
    compute_uv ? rowsOf(U) * colsOf(U) : 0,
    compute_uv ? rowsOf(Vh) * colsOf(Vh) : 0,
  ];
  for (let i = 0; i < count; i++) {
    const [u, v] = compute_uv ? [U.ptr + i * uSize * size, Vh.ptr + i * vSize * size] : [0, 0];
    const s = S.ptr + i * k * size;
    const state = svd(rt, dtype, ptr + i * step, m, n, s, u, v, full_matrices);
    if (state === 'done') continue;
    const said =
      state === 'not finite'
        ? 'The algorithm failed to converge because the input matrix contained non-finite values.'
        : repeated('singular values');
    throw failure('linalg.svd', A.ndim === 2, i, said);
  }
}

/** The gradient of the pseudoinverse (Golub & Pereyra, 1973), in products of the smallest matrices. */
export function pinvBackward(grad: Value, P: Value, A: Value): Value {
  const [Pt, g] = [P.mT, grad.mT];
  if (rowsOf(A) <= colsOf(A)) {
    const K = g.matmul(P);
    const KPt = K.matmul(Pt);
    return P.matmul(K)
      .mT.neg()
      .add(KPt)
      .sub(A.matmul(P).matmul(KPt))
      .add(Pt.matmul(P).matmul(g.sub(K.matmul(A))));
  }
  const K = P.matmul(g);
  const PtK = Pt.matmul(K);
  return K.matmul(P)
    .mT.neg()
    .add(g.sub(A.matmul(K)).matmul(P).matmul(Pt))
    .add(PtK)
    .sub(PtK.matmul(P).matmul(A));
}

export const epsilonOf = (dtype: DType): number => (dtype === 'float64' ? 2 ** -52 : 2 ** -23);

type Tolerance = Value | number | bigint | boolean | null;

const asTensor = (x: Tolerance, A: Value): Value | null =>
  x === null ? null : x instanceof Value ? x : A.newFull([], Number(x));

/** Below which values count as zero: the larger of atol and rtol times the largest value, for each matrix. */
function thresholdOf(A: Value, atol: Tolerance, rtol: Tolerance, largest: Value): Value {
  const absolute = asTensor(atol, A);
  const usual = epsilonOf(A.dtype) * Math.max(rowsOf(A), colsOf(A));
  const fallback = A.newFull([], usual);
  const relative =
    asTensor(rtol, A) ??
    (absolute === null ? fallback : A.newFull([], 0, A.dtype).where(absolute.gt(0), fallback));
  const scaled = relative.unsqueeze(-1).mul(largest);
  return absolute === null ? scaled : absolute.unsqueeze(-1).maximum(scaled);
}

/** The pseudoinverse from singular values, or eigenvalues of a symmetric matrix. */
function pseudoinverse(
  { self, atol, rtol, hermitian }: { self: Value; atol: Tolerance; rtol: Tolerance; hermitian: boolean },
  context: CompositeContext,
): Value {
  if (self.numel === 0) return self.newZeros([...batchOf(self), colsOf(self), rowsOf(self)]);
  const parts = hermitian
    ? (context.call('linalg.eigh', { self }) as Value[])
    : (context.call('linalg.svd', { A: self, full_matrices: false }) as Value[]);
  const [U, S, V] = hermitian
    ? [parts[1] as Value, parts[0] as Value, (parts[1] as Value).mT]
    : (parts as [Value, Value, Value]);
  const size = hermitian ? S.abs() : S;
  const kept = size.gt(thresholdOf(self, atol, rtol, size.amax([-1], true)));
  const inverse = S.reciprocal().where(kept, S.newFull([], 0));
  return V.mT.mul(inverse.unsqueeze(-2)).matmul(U.mT);
}

function needPinv(self: Value): void {
  demand(
    self.ndim >= 2 && facts[self.dtype].category === 2,
    'dtype-mismatch',
    () =>
      `linalg.pinv(${typeOf(self)}{[${self.shape.join(', ')}]}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types`,
  );
}

const legacy = { ...number(), required: false, default: null };

/** Eigenvalues, singular values and what is defined by them. */
export const spectralOps = {
  _linalg_eigh: manyOp({
    doc: 'Eigenvalues and eigenvectors of symmetric matrices.',
    internal: true,
    gradFn: 'LinalgEighBackward0',
    params: { A: tensor(), UPLO: text('L'), compute_v: flag(true) },
    meta: eighMeta,
    run: (args, [values, vectors], rt) => runEigh(args, values as Tensor, vectors as Tensor, rt),
    vjp: {
      A: ({ g: [gL, gV], out: [L, V] }) => eighBackward(gL ?? null, gV ?? null, L as Value, V as Value),
    },
  }),
  'linalg.eigh': composite({
    doc: 'Eigenvalues (ascending) and eigenvectors of symmetric matrices, of which one triangle is read.',
    fields: ['eigenvalues', 'eigenvectors'],
    params: { self: tensor(), UPLO: text('L') },
    compose: ({ self, UPLO }, { call }) => call('_linalg_eigh', { A: self, UPLO }) as Value[],
  }),
  'linalg.eigvalsh': composite({
    doc: 'Eigenvalues (ascending) of symmetric matrices, of which one triangle is read.',
    params: { self: tensor(), UPLO: text('L') },
    compose: ({ self, UPLO }, context) =>
      (
        context.call('_linalg_eigh', {
          A: self,
          UPLO,
          compute_v: self.requiresGrad && context.gradEnabled,
        }) as Value[]
      )[0] as Value,
  }),
  _linalg_svd: manyOp({
    doc: 'Singular value decomposition.',
    internal: true,
    gradFn: 'LinalgSvdBackward0',
    params: {
      A: tensor(),
      full_matrices: flag(),
      compute_uv: flag(true),
      driver: kw(maybeText()),
    },
    meta: svdMeta,
    run: (args, outs, rt) => withScratch(rt, () => runSvd(args, outs as [Tensor, Tensor, Tensor], rt)),
    vjp: {
      A({ g: [gU, gS, gV], out: [U, S, Vh] }) {
        const k = (S as Value).size(-1);
        const part = (x: Value | null | undefined, dim: number) => reduced(x ?? null, dim, k);
        const factors = [part(U, -1), S, part(Vh, -2)] as [Value, Value, Value];
        return svdBackward([part(gU, -1), gS ?? null, part(gV, -2)], factors);
      },
    },
  }),
  'linalg.svd': composite({
    doc: 'U, singular values (descending) and Vᵀ with A = U diag(S) Vᵀ.',
    fields: ['U', 'S', 'Vh'],
    params: { A: tensor(), full_matrices: flag(true), driver: kw(maybeText()) },
    compose: ({ A, full_matrices, driver }, { call }) =>
      call('_linalg_svd', { A, full_matrices, driver }) as Value[],
  }),
  'linalg.svdvals': composite({
    doc: 'Singular values, descending.',
    params: { A: tensor(), driver: kw(maybeText()) },
    compose: ({ A, driver }, context) => {
      const compute_uv = A.requiresGrad && context.gradEnabled;
      return (context.call('_linalg_svd', { A, compute_uv, driver }) as Value[])[1] as Value;
    },
  }),
  svd: composite({
    doc: 'As linalg.svd with V instead of its transpose, reduced unless some is False.',
    fields: ['U', 'S', 'V'],
    params: { self: tensor(), some: flag(true), compute_uv: flag(true) },
    compose({ self, some, compute_uv }, { call }) {
      demand(
        self.ndim >= 2,
        'shape-mismatch',
        () => `linalg.svd: input should have at least 2 dimensions, but has ${self.ndim} dimensions instead`,
      );
      if (compute_uv) {
        const [U, S, Vh] = call('_linalg_svd', { A: self, full_matrices: !some }) as [Value, Value, Value];
        return [U, S, Vh.mT];
      }
      const S = call('linalg.svdvals', { A: self }) as Value;
      const zeros = (size: number) => self.newZeros([...batchOf(self), size, size]);
      return [zeros(rowsOf(self)), S, zeros(colsOf(self))];
    },
  }),
  _linalg_pinv: fusedOp({
    doc: 'Pseudoinverse.',
    internal: true,
    gradFn: 'LinalgPinvBackward0',
    params: {
      self: tensor(),
      atol: maybeNumber(),
      rtol: maybeNumber(),
      hermitian: flag(),
    },
    forward: (args, context) => pseudoinverse(args, context),
    vjp: { self: ({ g, self, out }) => pinvBackward(g, out, self), atol: null, rtol: null },
  }),
  'linalg.pinv': composite({
    doc: 'Moore and Penrose’s pseudoinverse; singular values up to max(atol, rtol times the largest) count as zero.',
    params: {
      self: tensor(),
      rcond: legacy,
      hermitian: flag(),
      atol: kw(maybeNumber()),
      rtol: kw(maybeNumber()),
    },
    compose({ self, rcond, hermitian, atol, rtol }, { call }) {
      needPinv(self);
      if (rcond === null) return call('_linalg_pinv', { self, atol, rtol, hermitian });
      return call('_linalg_pinv', { self, atol: 0, rtol: rcond, hermitian });
    },
  }),
  pinverse: composite({
    doc: 'As linalg.pinv.',
    params: { self: tensor(), rcond: float(1e-15) },
    compose({ self, rcond }, { call }) {
      needPinv(self);
      return call('_linalg_pinv', { self, atol: 0, rtol: rcond });
    },
  }),
  'linalg.matrix_rank': composite({
    doc: 'Number of singular values above max(atol, rtol times the largest).',
    params: {
      self: tensor(),
      tol: legacy,
      hermitian: flag(),
      atol: kw(maybeNumber()),
      rtol: kw(maybeNumber()),
    },
    compose({ self, tol, hermitian, atol, rtol }, context) {
      const { call } = context;
      needMatrix('torch.linalg.matrix_rank', self, 'input');
      demand(
        facts[self.dtype].category === 2,
        'dtype-mismatch',
        () => "This function doesn't handle types other than float and double",
      );
      if (self.numel === 0) return self.newFull(batchOf(self), 0n, 'int64');
      return context.quietly(() => {
        const values = hermitian
          ? (call('linalg.eigvalsh', { self }) as Value).abs()
          : (call('linalg.svdvals', { A: self }) as Value);
        const [a, r] = tol === null ? [atol, rtol] : [tol, 0];
        return values.gt(thresholdOf(self, a, r, values.amax([-1], true))).sum([-1]);
      });
    },
  }),
} satisfies Record<string, Op>;
