import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import {
  batchOf,
  colsOf,
  demand,
  identity,
  matricesOf,
  needFloat,
  needKernel,
  needMatrix,
  rowsOf,
  typeOf,
} from './decomposition-common.ts';
import { factorQr, reflect, transposed, writable } from './decomposition-host.ts';
import { composite, manyOp, type Op, op } from './define.ts';
import { flag, tensor, text } from './params.ts';
import type { Runtime } from './runtime.ts';

const short = (A: Value): number => Math.min(rowsOf(A), colsOf(A));

/** Calls `body` for each matrix with its number. */
function each(rt: Runtime, count: number, body: (i: number) => void): void {
  for (let i = 0; i < count; i++) {
    body(i);
    rt.tick();
  }
}

/** The reflectors of each matrix of `a` in its place, below R. */
function factorAll(rt: Runtime, a: Tensor, tau: Tensor): void {
  const { ptr, dtype, rows, cols, count, step } = matricesOf(a);
  const bytes = short(a) * facts[dtype].size;
  if (a.numel === 0) return;
  each(rt, count, (i) => factorQr(rt, dtype, ptr + i * step, tau.ptr + i * bytes, rows, cols));
}

/** The first columns of Q for each matrix of reflectors: as many as `out` has. */
function formAll(rt: Runtime, a: Tensor, tau: Tensor, out: Tensor): void {
  if (out.numel === 0) return;
  const [A, Q] = [matricesOf(a), matricesOf(out)];
  const count = tau.size(-1);
  const bytes = count * facts[out.dtype].size;
  each(rt, Q.count, (i) => {
    const vectors = { ptr: A.ptr + i * A.step, step: A.cols, next: 1, offset: 0 };
    const at = Q.ptr + i * Q.step;
    rt.kernelFor('eye', Q.dtype)(at, Q.rows, Q.cols);
    reflect(rt, Q.dtype, { ...vectors, tau: tau.ptr + i * bytes, count }, at, Q.rows, Q.cols);
  });
}

/** The upper triangle of the first rows of `a`. */
function upperRows(rt: Runtime, a: Tensor, out: Tensor): void {
  if (out.numel === 0) return;
  const part = rt.contiguous(rt.strided(a, out.shape, a.layout.strides));
  const { count, rows, cols } = matricesOf(out);
  rt.moveKernel('triangle', out.dtype)(out.ptr, part.ptr, count, rows, cols, 0, 1);
}

type Mode = 'reduced' | 'complete' | 'r';

function modeOf(mode: string): Mode {
  if (mode === 'reduced' || mode === 'complete' || mode === 'r') return mode;
  throw new GraddError(
    'invalid-argument',
    `qr received unrecognized mode '${mode}' but expected one of 'reduced' (default), 'r', or 'complete'`,
  );
}

function qrMeta({ A, mode }: { A: Value; mode: string }) {
  needMatrix('linalg.qr', A);
  needFloat('linalg.qr', A);
  const chosen = modeOf(mode);
  const [m, n, batch, { dtype }] = [rowsOf(A), colsOf(A), batchOf(A), A];
  const k = chosen === 'complete' ? m : short(A);
  return [
    { dtype, shape: chosen === 'r' ? [0] : [...batch, m, k] },
    { dtype, shape: [...batch, k, n] },
  ];
}

const triangular = (self: Value, B: Value, upper: boolean, left: boolean): Value =>
  B.apply('linalg.solve_triangular', { self, B, upper, left });

/** X + Xᵀ with the diagonal once: the adjoint of taking a triangle. */
const mirrored = (x: Value): Value => x.triu().add(x.triu(1).mT);

const plus = (a: Value | null, b: Value | null): Value | null => (a && b ? a.add(b) : (a ?? b));

/** The gradient of A = Q R for a square or tall A (Walter & Lehmann, 2010). */
function tallBackward(gQ: Value | null, gR: Value | null, Q: Value, R: Value): Value {
  const inner = plus(gR ? gR.matmul(R.mT) : null, gQ && Q.mT.matmul(gQ).neg()) as Value;
  const gA = plus(gQ, Q.matmul(mirrored(inner))) as Value;
  return triangular(R.mT, gA, false, false);
}

/** A = [A1 A2] = Q [R1 R2] with a square A1: R2 is Qᵀ A2. */
function wideBackward(gQ: Value | null, gR: Value | null, Q: Value, R: Value): Value {
  const [m, n] = [rowsOf(R), colsOf(R)];
  const [R1, R2] = [R.narrow(-1, 0, m), R.narrow(-1, m, n - m)];
  const gR1 = gR ? gR.narrow(-1, 0, m) : null;
  const gR2 = gR ? gR.narrow(-1, m, n - m) : null;
  const fromR2 = gR2 && Q.matmul(R2.matmul(gR2.mT));
  const first = tallBackward(plus(gQ, fromR2), gR1, Q, R1);
  const second = gR2 ? Q.matmul(gR2) : Q.newZeros([...R2.shape]);
  return first.apply('cat', { tensors: [first, second], dim: -1 });
}

function qrBackward(gQ: Value | null, gR: Value | null, Q: Value, R: Value, mode: Mode): Value | null {
  if (mode === 'r') {
    throw new GraddError(
      'not-differentiable',
      "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. " +
        "Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.",
    );
  }
  if (mode === 'complete' && rowsOf(Q) > colsOf(R)) {
    throw new GraddError(
      'not-differentiable',
      "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
    );
  }
  if (gQ === null && gR === null) return null;
  return rowsOf(R) === colsOf(R) ? tallBackward(gQ, gR, Q, R) : wideBackward(gQ, gR, Q, R);
}

/** V of the reflectors: ones on the diagonal, zeros above. */
const vectorsOf = (input: Value, k: number): Value =>
  input
    .narrow(-1, 0, k)
    .tril(-1)
    .add(identity(input, rowsOf(input), k));

interface ReflectorGradients {
  input: Value;
  tau: Value;
}

/**
 * The gradients of Q C, or Qᵀ C, for Q = I - V M⁻¹ D Vᵀ with D = diag(tau) and M = I + D S, S the part of Vᵀ V above the
 * diagonal: what the product of the reflectors comes to.
 */
function reflectorsBackward(
  g: Value,
  input: Value,
  tau: Value,
  C: Value,
  adjoint: boolean,
): ReflectorGradients {
  const [k, scale] = [tau.size(-1), tau.unsqueeze(-1)];
  const V = vectorsOf(input, k);
  const S = V.mT.matmul(V).triu(1);
  const M = scale.mul(S).add(identity(tau, k));
  const solve = (turn: boolean, B: Value): Value =>
    B.apply('linalg.solve_triangular', { self: turn ? M.mT : M, B, upper: !turn, unitriangular: true });
  const Y = V.mT.matmul(C);
  const gX = V.mT.matmul(g).neg();
  const solved = adjoint ? solve(true, Y) : solve(false, scale.mul(Y));
  const X = adjoint ? scale.mul(solved) : solved;
  const back = adjoint ? solve(false, scale.mul(gX)) : solve(true, gX);
  const gM = (adjoint ? solved.matmul(back.mT) : back.matmul(X.mT)).neg();
  const gY = adjoint ? back : scale.mul(back);
  const fromScale = adjoint ? gX.mul(solved).sum([-1]) : back.mul(Y).sum([-1]);
  const gS = scale.mul(gM).triu(1);
  const gV = C.matmul(gY.mT)
    .sub(g.matmul(X.mT))
    .add(V.matmul(gS.add(gS.mT)));
  const first = gV.tril(-1);
  const rest = colsOf(input) - k;
  return {
    input:
      rest === 0
        ? first
        : first.apply('cat', {
            tensors: [first, first.newZeros([...batchOf(input), rowsOf(input), rest])],
            dim: -1,
          }),
    tau: fromScale.add(gM.mul(S).sum([-1])),
  };
}

const isEmpty = (input: Value, tau: Value): boolean => input.numel === 0 || tau.numel === 0;

/** The gradients of the first columns of Q; None where there are no reflectors, as in PyTorch. */
function productBackward(g: Value, input: Value, tau: Value): ReflectorGradients | null {
  if (isEmpty(input, tau)) return null;
  return reflectorsBackward(g, input, tau, identity(input, rowsOf(input), colsOf(input)), false);
}

/** As `reflectorsBackward` for a product from the right, which is one of transposes from the left. */
function ormqrBackward(
  g: Value,
  { input, tau, other, left, transpose }: OrmqrArgs,
): ReflectorGradients | null {
  if (isEmpty(input, tau)) return null;
  return left
    ? reflectorsBackward(g, input, tau, other, transpose)
    : reflectorsBackward(g.mT, input, tau, other.mT, !transpose);
}

interface OrmqrArgs {
  input: Value;
  tau: Value;
  other: Value;
  left: boolean;
  transpose: boolean;
}

/** The checks of dimensions that the products of reflectors have in common. */
function needReflectors(name: string, input: Value, tau: Value): void {
  demand(
    input.ndim - tau.ndim === 1,
    'shape-mismatch',
    () =>
      `${name}: Expected tau to have one dimension less than input, but got tau.ndim equal to ${tau.ndim} and input.ndim is equal to ${input.ndim}`,
  );
  demand(
    tau.shape.slice(0, -1).every((size, i) => size === input.shape[i]),
    'shape-mismatch',
    () =>
      `${name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got [${tau.shape.slice(0, -1).join(', ')}]`,
  );
}

function productMeta({ input, tau }: { input: Value; tau: Value }) {
  const name = 'torch.linalg.householder_product';
  demand(input.ndim >= 2, 'shape-mismatch', () => `${name}: input must have at least 2 dimensions.`);
  demand(
    rowsOf(input) >= colsOf(input),
    'shape-mismatch',
    () => `${name}: input.shape[-2] must be greater than or equal to input.shape[-1]`,
  );
  demand(
    tau.ndim > 0 && colsOf(input) >= tau.size(-1),
    'shape-mismatch',
    () => `${name}: input.shape[-1] must be greater than or equal to tau.shape[-1]`,
  );
  needReflectors(name, input, tau);
  demand(
    tau.dtype === input.dtype,
    'dtype-mismatch',
    () => `${name}: tau dtype ${typeOf(tau)} does not match input dtype ${typeOf(input)}`,
  );
  needKernel('orgqr_cpu', input);
  return { dtype: input.dtype, shape: input.shape };
}

function ormqrMeta({ input, tau, other, left }: OrmqrArgs) {
  const name = 'torch.ormqr';
  demand(input.ndim >= 2, 'shape-mismatch', () => `${name}: input must have at least 2 dimensions.`);
  demand(other.ndim >= 2, 'shape-mismatch', () => `${name}: other must have at least 2 dimensions.`);
  const side = left ? -2 : -1;
  demand(
    tau.ndim > 0 && other.size(side) >= tau.size(-1),
    'shape-mismatch',
    () => `${name}: other.shape[${side}] must be greater than or equal to tau.shape[-1]`,
  );
  demand(
    other.size(side) === rowsOf(input),
    'shape-mismatch',
    () => `${name}: other.shape[${side}] must be equal to input.shape[-2]`,
  );
  demand(
    tau.size(-1) === Math.min(other.size(side), colsOf(input)),
    'shape-mismatch',
    () => `${name}: tau.shape[-1] must be equal to min(other.shape[${side}], input.shape[-1])`,
  );
  needReflectors(name, input, tau);
  demand(
    input.ndim === other.ndim,
    'shape-mismatch',
    () =>
      `${name}: Expected other to have the same number of dimensions as input, but got other.ndim equal to ${other.ndim} and input.ndim is equal to ${input.ndim}`,
  );
  demand(
    batchOf(other).every((size, i) => size === input.shape[i]),
    'shape-mismatch',
    () =>
      `${name}: Expected batch dimensions of other to be equal to input.shape[:-2], but got [${batchOf(other).join(', ')}]`,
  );
  for (const [label, x] of [
    ['tau', tau],
    ['other', other],
  ] as const) {
    demand(
      x.dtype === input.dtype,
      'dtype-mismatch',
      () =>
        `${name}: Expected input and ${label} to have the same dtype, but input has dtype${typeOf(input)} and ${label} has dtype ${typeOf(x)}`,
    );
  }
  needKernel('ormqr_cpu', input);
  return { dtype: input.dtype, shape: other.shape };
}

function runOrmqr({ input, tau, other, left, transpose }: OrmqrArgs, out: Tensor, rt: Runtime): void {
  rt.copyTo(out.ptr, other as Tensor);
  if (out.numel === 0) return;
  const [source, scales] = [rt.contiguous(input as Tensor), rt.contiguous(tau as Tensor)];
  const [A, C] = [matricesOf(source), matricesOf(out)];
  const count = tau.size(-1);
  const bytes = count * facts[out.dtype].size;
  each(rt, C.count, (i) => {
    const at = C.ptr + i * C.step;
    const vectors = { ptr: A.ptr + i * A.step, step: A.cols, next: 1, offset: 0 };
    const all = { ...vectors, tau: scales.ptr + i * bytes, count };
    if (left) reflect(rt, C.dtype, all, at, C.rows, C.cols, transpose);
    else {
      transposed(rt, C.dtype, at, C.rows, C.cols, (turned) =>
        reflect(rt, C.dtype, all, turned, C.cols, C.rows, !transpose),
      );
    }
  });
}

const tauShape = (A: Value): Shape => [...batchOf(A), short(A)];

/** QR factorisations and products of reflectors. */
export const qrOps = {
  'linalg.qr': manyOp({
    doc: 'Q with orthonormal columns and an upper triangle R with A = Q R.',
    fields: ['Q', 'R'],
    gradFn: 'LinalgQrBackward0',
    params: { A: tensor(), mode: text('reduced') },
    meta: qrMeta,
    run({ A }, [Q, R], rt) {
      const [a, tau] = [writable(rt, A), rt.empty(A.dtype, tauShape(A))];
      factorAll(rt, a, tau);
      formAll(rt, a, tau, Q as Tensor);
      upperRows(rt, a, R as Tensor);
    },
    vjp: {
      A: ({ g: [gQ, gR], out: [Q, R], mode }) =>
        qrBackward(gQ ?? null, gR ?? null, Q as Value, R as Value, mode as Mode),
    },
  }),
  qr: composite({
    doc: 'As linalg.qr, reduced or complete.',
    fields: ['Q', 'R'],
    params: { self: tensor(), some: flag(true) },
    compose: ({ self, some }, { call }) =>
      call('linalg.qr', { A: self, mode: some ? 'reduced' : 'complete' }) as Value[],
  }),
  geqrf: manyOp({
    doc: 'QR factorisation as LAPACK has it: R and reflectors in one matrix, and their factors.',
    fields: ['a', 'tau'],
    params: { self: tensor() },
    meta({ self }) {
      demand(self.ndim >= 2, 'shape-mismatch', () => 'torch.geqrf: input must have at least 2 dimensions.');
      needKernel('geqrf_cpu', self);
      return [
        { dtype: self.dtype, shape: self.shape },
        { dtype: self.dtype, shape: tauShape(self) },
      ];
    },
    run({ self }, [a, tau], rt) {
      rt.copyTo((a as Tensor).ptr, self);
      factorAll(rt, a as Tensor, tau as Tensor);
    },
    vjp: {
      self: () => {
        throw new GraddError('not-differentiable', "the derivative for 'geqrf' is not implemented.");
      },
    },
  }),
  'linalg.householder_product': op({
    doc: 'The first columns of a product of Householder reflectors.',
    aliases: ['orgqr'],
    on: ['torch', 'Tensor'],
    gradFn: 'LinalgHouseholderProductBackward0',
    params: { input: tensor(), tau: tensor() },
    meta: productMeta,
    run: ({ input, tau }, out, rt) => formAll(rt, rt.contiguous(input), rt.contiguous(tau), out),
    vjp: {
      input: ({ g, input, tau }) => productBackward(g, input, tau)?.input ?? null,
      tau: ({ g, input, tau }) => productBackward(g, input, tau)?.tau ?? null,
    },
  }),
  ormqr: op({
    doc: 'A product of Householder reflectors, or its transpose, times another matrix.',
    params: { input: tensor(), tau: tensor(), other: tensor(), left: flag(true), transpose: flag() },
    meta: ormqrMeta,
    run: runOrmqr,
    vjp: {
      input: ({ g, out: _, ...args }) => ormqrBackward(g, args)?.input ?? null,
      tau: ({ g, out: _, ...args }) => ormqrBackward(g, args)?.tau ?? null,
      other: ({ g, input, tau, left, transpose }) =>
        g.apply('ormqr', { input, tau, other: g, left, transpose: !transpose }),
    },
  }),
} satisfies Record<string, Op>;
