import type { Value } from '../tensor/value.ts';
import { batchOf, colsOf, diagonalMatrix, diagonalOf, rowsOf } from './decomposition-common.ts';

/**
 * The gradient of A = P L U for those of L and U. Of L only what is below the diagonal counts, of U what is not.
 */
export function luBackward(gL: Value | null, gU: Value | null, P: Value, L: Value, U: Value): Value | null {
  if (gL === null && gU === null) return null;
  const [m, n, k] = [rowsOf(L), colsOf(U), colsOf(L)];
  const [L1, U1] = [L.narrow(-2, 0, k), U.narrow(-1, 0, k)];
  const L2 = m > k ? L.narrow(-2, k, m - k) : null;
  const U2 = n > k ? U.narrow(-1, k, n - k) : null;
  const part = (g: Value | null, dim: number, start: number, length: number) =>
    g === null ? null : g.narrow(dim, start, length);
  const [gL1, gL2] = [part(gL, -2, 0, k), L2 && part(gL, -2, k, m - k)];
  const [gU1, gU2] = [part(gU, -1, 0, k), U2 && part(gU, -1, k, n - k)];
  const inner = luInner(
    [gL1 ? L1.mT.matmul(gL1) : null, gU2 && U2 ? gU2.matmul(U2.mT).neg() : null],
    [gU1 ? gU1.matmul(U1.mT) : null, gL2 && L2 ? L2.mT.matmul(gL2).neg() : null],
  );
  const solve = (self: Value, B: Value, upper: boolean, left: boolean, unitriangular = false): Value =>
    B.apply('linalg.solve_triangular', { self, B, upper, left, unitriangular });
  // The square part of Pᵀ A's gradient, then what is below or beside it.
  let gA = inner === null ? null : solve(U1.mT, solve(L1.mT, inner, true, true, true), false, false);
  if (L2) {
    const below = gL2 ? solve(U1.mT, gL2, false, false) : null;
    gA = join(gA, below, [k, m - k], -2, P);
  }
  if (U2) {
    const beside = gU2 ? solve(L1.mT, gU2, true, true, true) : null;
    gA = join(gA, beside, [k, n - k], -1, P);
  }
  return gA === null ? null : P.matmul(gA);
}

const total = (terms: (Value | null)[]): Value | null =>
  terms.reduce((sum, term) => (sum && term ? sum.add(term) : (sum ?? term)), null);

function luInner(below: (Value | null)[], above: (Value | null)[]): Value | null {
  const [low, high] = [total(below), total(above)];
  return total([low ? low.tril(-1) : null, high ? high.triu() : null]);
}

/** Two parts side by side, one of which may be zero. */
function join(
  first: Value | null,
  second: Value | null,
  [a, b]: [number, number],
  dim: number,
  like: Value,
): Value | null {
  const shaped = first ?? second;
  if (shaped === null) return null;
  const zerosOf = (length: number) =>
    like.newFull(shaped.shape.with(dim, length) as number[], 0, shaped.dtype);
  return shaped.apply('cat', { tensors: [first ?? zerosOf(a), second ?? zerosOf(b)], dim });
}

/** The unpacked factorisation, differentiable in LU. */
export function unpacked(LU: Value, pivots: Value): [P: Value, L: Value, U: Value] {
  return LU.applyAll('lu_unpack', { LU_data: LU, LU_pivots: pivots }) as [Value, Value, Value];
}

/** The gradients of L and U in one matrix, as LU holds them. */
export function packLu(gL: Value | null, gU: Value | null, m: number, n: number): Value | null {
  const k = Math.min(m, n);
  const low = gL && (n > k ? join(gL.tril(-1), null, [k, n - k], -1, gL) : gL.tril(-1));
  const high = gU && (m > k ? join(gU.triu(), null, [k, m - k], -2, gU) : gU.triu());
  return total([low, high]);
}

/** The gradient of LU from that of A = P L U. */
function luFromProduct(gA: Value, [P, L, U]: [Value, Value, Value]): Value {
  const g = P.mT.matmul(gA);
  return g.matmul(U.mT).tril(-1).add(L.mT.matmul(g).triu());
}

export function luSolveLU(
  g: Value,
  { LU, pivots, left, adjoint }: { LU: Value; pivots: Value; left: boolean; adjoint: boolean },
  X: Value,
): Value {
  const gB = g.apply('linalg.lu_solve', { LU, pivots, B: g, left, adjoint: !adjoint });
  const gOp = left ? gB.matmul(X.mT) : X.mT.matmul(gB);
  return luFromProduct((adjoint ? gOp.mT : gOp).neg(), unpacked(LU, pivots));
}

/** The gradient of the determinant, or of its logarithm: the inverse transposed, times something on the diagonal. */
export function determinantBackward(
  scale: Value,
  A: Value,
  LU: Value,
  pivots: Value,
  perturb: boolean,
): Value {
  const B = diagonalMatrix(scale.unsqueeze(-1).expand([...batchOf(A), rowsOf(A)]));
  if (A.interpreter.gradEnabled) return A.apply('linalg.solve', { A: A.mT, B });
  const lu = perturb ? LU.add(diagonalMatrix(nudge(LU))) : LU;
  return A.apply('linalg.lu_solve', { LU: lu, pivots, B, adjoint: true });
}

/** The determinant is smooth: where LU has a zero on the diagonal, something tiny stands for it. */
function nudge(LU: Value): Value {
  const epsilon = LU.dtype === 'float64' ? 2 ** -52 : 2 ** -23;
  return diagonalOf(LU).eq(0).to(LU.dtype).mul(epsilon);
}
