import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat, notImplementedFor, resultType, type Scalar } from '../tensor/dtype.ts';
import { normalizeDim, type Shape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { fusedOp, type Op } from './define.ts';
import { convertedFactor } from './factor.ts';
import { expandable } from './linalg.ts';
import { kw, scalar, tensor } from './params.ts';

const factors = { beta: kw(scalar(1n)), alpha: kw(scalar(1n)) };

const cName = { float64: 'double', float32: 'float', int64: 'long int', int32: 'int', bool: 'bool' };
const scalarType = ({ dtype }: Value): string => facts[dtype].scalarType;

const wrongShape = (message: string): never => {
  throw new GraddError('shape-mismatch', message);
};
const wrongDType = (message: string): never => {
  throw new GraddError('dtype-mismatch', message);
};

const times = (x: Value, factor: Scalar): Value => (Number(factor) === 1 ? x : x.mul(factor));

/** beta self + alpha term; what a beta of zero leaves out may be NaN. */
function weighted(self: Value, term: Value, beta: Scalar, alpha: Scalar): Value {
  const [b, a] = [convertedFactor(beta, term.dtype), convertedFactor(alpha, term.dtype)];
  const scaled = times(term, a);
  if (Number(b) === 0) return scaled;
  return times(self, b).add(scaled);
}

function checkAddmv(self: Value, mat: Value, vec: Value): void {
  if (mat.ndim !== 2 || vec.ndim !== 1 || self.ndim > 1) {
    wrongShape(`vector + matrix @ vector expected, got ${self.ndim}, ${mat.ndim}, ${vec.ndim}`);
  }
  const rows = mat.size(0);
  if (mat.size(1) !== vec.numel || (rows !== self.numel && self.numel !== 1)) {
    if (self.ndim === 0) wrongShape('Dimension specified as 0 but tensor has no dimensions');
    wrongShape(
      `size mismatch, got input (${self.size(0)}), mat (${mat.shape.join('x')}), vec (${vec.size(0)})`,
    );
  }
  if (self.dtype !== mat.dtype || self.dtype !== vec.dtype) {
    const types = `${scalarType(self)}, ${scalarType(mat)}, and ${scalarType(vec)}`;
    wrongDType(`addmv input tensors must have the same dtype, but got ${types}`);
  }
  if (self.dtype === 'bool') notImplementedFor('addmv_impl_cpu', 'bool');
}

/** The shape of the product that the sum is expanded to, as far as the sizes are there. */
const productShape = (batch1: Value, batch2: Value, leading: readonly number[]): Shape => {
  const size = (x: Value, d: number): number => x.size(normalizeDim(d, x.ndim));
  return [...leading.map((d) => size(batch1, d)), size(batch2, 2)];
};

function checkBatches(batch1: Value, batch2: Value): void {
  if (batch1.ndim !== 3) wrongShape('batch1 must be a 3D tensor');
  if (batch2.ndim !== 3) wrongShape('batch2 must be a 3D tensor');
}

function checkBaddbmm(self: Value, batch1: Value, batch2: Value): void {
  expandable(self, productShape(batch1, batch2, [0, 1]));
  checkBatches(batch1, batch2);
  const [batch, , inner] = batch1.shape as [number, number, number];
  if (batch2.size(0) !== batch || batch2.size(1) !== inner) {
    const found = `[${batch2.size(0)}, ${batch2.size(1)}]`;
    wrongShape(
      `Expected size for first two dimensions of batch2 tensor to be: [${batch}, ${inner}] but got: ${found}.`,
    );
  }
  if (self.dtype !== batch1.dtype) {
    const found = `input ${cName[self.dtype]}, batch1: ${cName[batch1.dtype]}, batch2: ${cName[batch2.dtype]}`;
    wrongDType(`Input dtypes must be the same, got: ${found}`);
  }
  if (self.dtype !== batch2.dtype) {
    wrongDType(`expected scalar type ${scalarType(self)} but found ${scalarType(batch2)}`);
  }
  if (self.dtype === 'bool') notImplementedFor('baddbmm', 'bool');
}

function checkAddbmm(self: Value, batch1: Value, batch2: Value): void {
  expandable(self, productShape(batch1, batch2, [1]));
  checkBatches(batch1, batch2);
  if (batch1.size(0) !== batch2.size(0)) {
    const found = `${batch1.size(0)} and ${batch2.size(0)}`;
    wrongShape(`batch1 and batch2 must have same number of batches, got ${found}`);
  }
  if (batch1.size(2) !== batch2.size(1)) {
    const [a, b] = [batch1, batch2].map((x) => x.shape.slice(1).join('x'));
    wrongShape(`Incompatible matrix sizes for bmm (${a} and ${b})`);
  }
  for (const [name, x] of Object.entries({ mat1: batch1, self })) {
    if (x.dtype === batch2.dtype) continue;
    wrongDType(
      `${name} and mat2 must have the same dtype, but got ${scalarType(x)} and ${scalarType(batch2)}`,
    );
  }
  if (self.dtype === 'bool') notImplementedFor('addmm_impl_cpu_', 'bool');
}

function checkFactor(name: string, factor: Scalar, dtype: DType): void {
  if (typeof factor === 'boolean' && dtype !== 'bool') {
    throw new GraddError('invalid-argument', `Boolean ${name} only supported for Boolean results.`);
  }
  if (typeof factor === 'number' && !isFloat(dtype)) {
    const message = `For integral input tensors, argument ${name} must not be a floating point number.`;
    throw new GraddError('invalid-argument', message);
  }
}

interface AddrArgs {
  self: Value;
  vec1: Value;
  vec2: Value;
  beta: Scalar;
  alpha: Scalar;
}

function addr({ self, vec1, vec2, beta, alpha }: AddrArgs, defaultDType: DType): Value {
  for (const [name, x] of Object.entries({ vec1, vec2 })) {
    if (x.ndim !== 1) wrongShape(`addr: Expected 1-D argument ${name}, but got ${x.ndim}-D`);
  }
  const shape = [vec1.numel, vec2.numel];
  expandable(self, shape);
  const dtype = resultType([self, vec1, vec2], defaultDType);
  checkFactor('beta', beta, dtype);
  checkFactor('alpha', alpha, dtype);
  const base = self.to(dtype).expand(shape);
  const [rows, cols] = [vec1.to(dtype).unsqueeze(1), vec2.to(dtype)];
  if (dtype !== 'bool') return weighted(base, rows.mul(cols), beta, alpha);
  const term = Number(alpha) === 0 ? base.newFull(shape, false) : rows.logicalAnd(cols);
  return Number(beta) === 0 ? term : base.logicalOr(term);
}

/** Products added to something, with a factor for each. */
export const sumOps = {
  addmv: fusedOp({
    doc: 'beta self + alpha (mat @ vec).',
    params: { self: tensor(), mat: tensor(), vec: tensor(), ...factors },
    forward({ self, mat, vec, beta, alpha }) {
      checkAddmv(self, mat, vec);
      const base = self.ndim === 1 && self.numel !== mat.size(0) ? self.expand([mat.size(0)]) : self;
      return weighted(base, mat.mv(vec), beta, alpha);
    },
    vjp: {
      self: ({ g, beta }) => times(g, beta),
      mat: ({ g, vec, alpha }) => times(g.unsqueeze(1).mul(vec), alpha),
      vec: ({ g, mat, alpha }) => times(mat.t().mv(g), alpha),
    },
  }),
  addr: fusedOp({
    doc: 'beta self + alpha (all products of the elements of vec1 and vec2).',
    params: { self: tensor(), vec1: tensor(), vec2: tensor(), ...factors },
    forward: (args, { defaultDType }) => addr(args, defaultDType),
    vjp: {
      self: ({ g, beta }) => times(g, beta),
      vec1: ({ g, vec2, alpha }) => times(g.mv(vec2.to(g.dtype)), alpha),
      vec2: ({ g, vec1, alpha }) => times(g.t().mv(vec1.to(g.dtype)), alpha),
    },
  }),
  baddbmm: fusedOp({
    doc: 'beta self + alpha (batch1 @ batch2), for batches of matrices.',
    params: { self: tensor(), batch1: tensor(), batch2: tensor(), ...factors },
    forward({ self, batch1, batch2, beta, alpha }) {
      checkBaddbmm(self, batch1, batch2);
      return weighted(self, batch1.bmm(batch2), beta, alpha);
    },
    vjp: {
      self: ({ g, beta }) => times(g, beta),
      batch1: ({ g, batch2, alpha }) => times(g.bmm(batch2.transpose(1, 2)), alpha),
      batch2: ({ g, batch1, alpha }) => times(batch1.transpose(1, 2).bmm(g), alpha),
    },
  }),
  addbmm: fusedOp({
    doc: 'beta self + alpha (the sum of batch1 @ batch2 over the batch).',
    params: { self: tensor(), batch1: tensor(), batch2: tensor(), ...factors },
    forward({ self, batch1, batch2, beta, alpha }) {
      checkAddbmm(self, batch1, batch2);
      const rows = batch1.transpose(0, 1).reshape([batch1.size(1), batch1.size(0) * batch1.size(2)]);
      const cols = batch2.reshape([batch1.size(0) * batch2.size(1), batch2.size(2)]);
      return weighted(self, rows.mm(cols), beta, alpha);
    },
    vjp: {
      self: ({ g, beta }) => times(g, beta),
      batch1: ({ g, batch1, batch2, alpha }) =>
        times(spread(g, batch1, batch2).bmm(batch2.transpose(1, 2)), alpha),
      batch2: ({ g, batch1, batch2, alpha }) =>
        times(batch1.transpose(1, 2).bmm(spread(g, batch1, batch2)), alpha),
    },
  }),
} satisfies Record<string, Op>;

/** The gradient of the sum, for each matrix of the batch. */
const spread = (g: Value, batch1: Value, batch2: Value): Value =>
  g.unsqueeze(0).expand([batch1.size(0), batch1.size(1), batch2.size(2)]);
