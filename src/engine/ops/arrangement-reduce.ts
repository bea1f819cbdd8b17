import { GraddError } from '../errors.ts';
import { facts, notImplementedFor } from '../tensor/dtype.ts';
import { normalizeDim, sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { compatible, isIndexDType } from './arrangement-parts.ts';
import { type Op, op } from './define.ts';
import { checkedIndex } from './index-values.ts';
import { outerInner, replacedDim, runScatter } from './indexing.ts';
import { flag, int, kw, tensor, text } from './params.ts';
import type { Runtime } from './runtime.ts';

/** The numbers by which the kernel knows the reductions. */
const modes: Record<string, number> = { sum: 0, prod: 1, amax: 2, max: 2, amin: 3, min: 3, mean: 4 };

const name = (t: Value): string => facts[t.dtype].scalarType;
const list = (t: Value): string => `[${t.shape.join(', ')}]`;

interface Args<V> {
  self: V;
  dim: number;
  index: V;
  reduce: string;
  include_self: boolean;
}

/** `scatter_meta_impl` of PyTorch. */
function scatterReduceMeta({ self, dim, index, src, reduce }: Args<Value> & { src: Value }) {
  const d = normalizeDim(dim, self.ndim);
  const refuse = (message: string): never => {
    throw new GraddError('shape-mismatch', message);
  };
  if (index.numel > 0 && !isIndexDType(index))
    throw new GraddError('dtype-mismatch', 'scatter(): Expected dtype int32/int64 for index');
  if (self.dtype !== src.dtype)
    throw new GraddError('dtype-mismatch', 'scatter(): Expected self.dtype to be equal to src.dtype');
  if (index.numel > 0) checkScatter(self, d, index, src, refuse);
  if (modes[reduce] === undefined) {
    const message = `reduce argument must be either sum, prod, mean, amax or amin, got ${reduce}`;
    throw new GraddError('invalid-argument', message);
  }
  if (self.dtype === 'bool' && reduce === 'mean')
    notImplementedFor('scatter_gather_tensor_cpu_reduce_mean', 'bool');
  return { dtype: self.dtype, shape: self.shape };
}

function checkScatter(
  self: Value,
  d: number,
  index: Value,
  src: Value,
  refuse: (message: string) => never,
): void {
  const dims = ({ ndim }: Value): number => Math.max(1, ndim);
  if (dims(self) !== dims(index))
    refuse('Index tensor must have the same number of dimensions as self tensor');
  if (dims(src) !== dims(index)) refuse('Index tensor must have the same number of dimensions as src tensor');
  const wrong = index.shape.some(
    (size, i) => (i !== d && size > (self.shape[i] ?? 1)) || size > (src.shape[i] ?? 1),
  );
  if (wrong) {
    refuse(
      `Expected index ${list(index)} to be no larger than self ${list(self)} apart from dimension ${d} and to be no larger size than src ${list(src)}`,
    );
  }
}

/** `index_func_meta_impl` of PyTorch. */
function indexReduceMeta({ self, dim, index, source, reduce }: Args<Value> & { source: Value }) {
  const refuse = (message: string): never => {
    throw new GraddError('shape-mismatch', message);
  };
  if (!['prod', 'mean', 'amax', 'amin'].includes(reduce)) {
    const message = `index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${reduce}.`;
    throw new GraddError('invalid-argument', message);
  }
  const d = normalizeDim(dim, self.ndim);
  if (index.ndim > 1) {
    refuse(
      `index_reduce_(): Index is supposed to be a vector, but got dim: ${index.ndim} with type: ${name(index)} and size: ${list(index)}`,
    );
  }
  checkIndexReduceDTypes(self, index, source);
  if (d > 0 && d >= source.ndim)
    refuse(
      `index_reduce_(): Indexing dim ${d} is out of bounds of the source tensor with dim ${source.ndim}`,
    );
  const have = source.shape[d] ?? 1;
  if (index.numel !== have) {
    refuse(
      `index_reduce_(): Number of indices (${index.numel}) should be equal to source.size(dim): (${have}), for dim: ${d}`,
    );
  }
  if (
    self.ndim !== source.ndim ||
    !sameShape(replacedDim(self.shape, d, 0), replacedDim(source.shape, d, 0))
  ) {
    refuse(
      `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${list(self)} source.shape = ${list(source)}`,
    );
  }
  if (self.dtype === 'bool') notImplementedFor('index_func_', 'bool');
  return { dtype: self.dtype, shape: self.shape };
}

function checkIndexReduceDTypes(self: Value, index: Value, source: Value): void {
  const refuse = (message: string): never => {
    throw new GraddError('dtype-mismatch', `index_reduce_(): ${message}`);
  };
  if (!isIndexDType(index)) refuse(`Expected dtype int32/int64 for index but got: ${name(index)}`);
  if (self.dtype !== source.dtype)
    refuse(`self (${name(self)}) and source (${name(source)}) must have the same scalar type`);
}

function runIndexReduce(
  rt: Runtime,
  { self, dim, index, source, reduce, include_self }: Args<Tensor> & { source: Tensor },
  out: Tensor,
): void {
  const { outer, n, inner } = outerInner(self.shape, normalizeDim(dim, self.ndim));
  rt.copyTo(out.ptr, self);
  const at = checkedIndex(rt, index, n, () => 'index out of range in self', false);
  const seen = rt.empty('int32', [out.numel]).ptr;
  rt.kernelFor('scatter_reduce_dim', out.dtype)(
    ...([out.ptr, rt.contiguous(source).ptr, at.ptr, outer, n, inner, at.numel] as const),
    ...([0, 1, 0, modes[reduce] as number, Number(include_self), seen] as const),
  );
}

/** What the gradients of the two reductions are made of. */
interface Gradient {
  readonly g: Value;
  readonly out: Value;
  readonly self: Value;
  readonly src: Value;
  readonly op: string;
  readonly reduce: string;
  readonly include_self: boolean;
  /** The elements that were combined with each of src. */
  pick(x: Value): Value;
  /** `x` with `more` added where src was put. */
  add(x: Value, more: Value): Value;
  /** The operation itself. */
  again(self: Value, src: Value): Value;
  /** `x` with zeros where src was put. */
  clear(x: Value): Value;
}

/** Counts of what was averaged; one where nothing was. */
function counts({ g, src, include_self, add }: Gradient): Value {
  const n = add(include_self ? g.onesLike() : g.zerosLike(), src.onesLike());
  return n.maskedFill(n.eq(0), 1);
}

/** The gradient shared by equal extremes, and which elements of self and of src they are. */
function extremes({ g, out, self, src, pick, add }: Gradient) {
  const [mine, theirs] = [self.eq(out).to(g.dtype), src.eq(pick(out)).to(g.dtype)];
  return { mine, theirs, shared: g.div(add(mine, theirs)) };
}

function selfGradient(of: Gradient): Value {
  const { g, self, src, reduce, include_self } = of;
  const whole = ((): Value => {
    if (reduce === 'sum') return g;
    if (reduce === 'mean') return g.div(counts(of));
    if (reduce === 'prod') {
      const masked = self.maskedFill(self.eq(0), 1);
      return g.mul(of.again(masked, src)).div(masked);
    }
    const { mine, shared } = extremes(known(of));
    return mine.mul(shared);
  })();
  return include_self ? whole : of.clear(whole);
}

function srcGradient(of: Gradient): Value {
  const { g, reduce, pick } = of;
  if (reduce === 'sum') return pick(g);
  if (reduce === 'mean') return pick(g).div(pick(counts(of)));
  if (reduce === 'prod') return factorGradient(of);
  const { theirs, shared } = extremes(known(of));
  return theirs.mul(pick(shared));
}

/** Throws where the forward pass knows a name that the backward pass does not. */
function known(of: Gradient): Gradient {
  if (of.reduce !== 'max' && of.reduce !== 'min') return of;
  const message = `Expected 'reduce' to be one of 'sum', 'prod', 'mean', 'amax', 'amin' but got ${of.reduce}.`;
  throw new GraddError('invalid-argument', message);
}

/** The product of the other factors: by division, but where a factor is the only zero. */
function factorGradient({ g, out, self, src, op: from, pick, add, again }: Gradient): Value {
  const zero = src.eq(0);
  const zeros = pick(add(self.zerosLike(), zero.to(self.dtype)));
  const only = zero.logicalAnd(zeros.eq(1));
  const others = again(self, src.maskedFill(only, 1));
  const divided = pick(g.mul(out)).div(src.maskedFill(zero, 1));
  const found = pick(g.mul(others)).where(only, divided);
  const { interpreter } = g;
  const several = (): boolean =>
    zeros.numel > 0 && interpreter.truth(zeros.gt(1).apply('any', { self: zeros.gt(1) }), false);
  return interpreter.gradEnabled && several() ? g.apply('_delayed_error', { self: found, from }) : found;
}

const scatterGradient = (scope: {
  g: Value;
  out: Value;
  self: Value;
  dim: number;
  index: Value;
  src: Value;
  reduce: string;
  include_self: boolean;
}): Gradient => {
  const { dim, index, reduce, include_self } = scope;
  return {
    ...scope,
    op: 'scatter_reduce',
    pick: (x) => x.gather(dim, index),
    add: (x, more) => x.scatterAdd(dim, index, more),
    again: (self, src) => self.apply('scatter_reduce', { self, dim, index, src, reduce, include_self }),
    clear: (x) => x.apply('scatter.value', { self: x, dim, index, value: 0 }),
  };
};

const indexGradient = (scope: {
  g: Value;
  out: Value;
  self: Value;
  dim: number;
  index: Value;
  source: Value;
  reduce: string;
  include_self: boolean;
}): Gradient => {
  const { dim, reduce, include_self, source: src } = scope;
  const index = scope.index.to('int64');
  return {
    ...scope,
    src,
    op: 'index_reduce',
    pick: (x) => x.indexSelect(dim, index),
    add: (x, more) => x.apply('index_add', { self: x, dim, index, source: more }),
    again: (self, source) => self.apply('index_reduce', { self, dim, index, source, reduce, include_self }),
    clear: (x) => x.apply('index_fill', { self: x, dim, index, value: 0 }),
  };
};

/** Scattering with a reduction. */
export const reducingOps = {
  scatter_reduce: op({
    doc: 'self with the elements of src combined where index names along a dimension: sum, prod, mean, amax, amin.',
    params: {
      self: tensor(),
      dim: int(),
      index: tensor(),
      src: tensor(),
      reduce: text(),
      include_self: kw(flag(true)),
    },
    meta: scatterReduceMeta,
    run({ reduce, include_self, ...args }, out, rt) {
      const kernel = (target: Tensor) => {
        const seen = rt.empty('int32', [Math.max(1, target.numel)]).ptr;
        const run = rt.kernelFor('scatter_reduce_dim', target.dtype);
        return (...places: number[]): number => {
          const [inner, n] = places.slice(-2) as [number, number];
          return run(...places, n * inner, inner, 1, modes[reduce] as number, Number(include_self), seen);
        };
      };
      runScatter(rt, kernel, args, out);
    },
    vjp: {
      self: (scope) => selfGradient(scatterGradient(scope)),
      index: null,
      src: (scope) => compatible('ScatterReduceBackward0', 1, srcGradient(scatterGradient(scope)), scope.src),
    },
  }),
  index_reduce: op({
    doc: 'self with the slices of source combined at indices along a dimension: prod, mean, amax, amin.',
    params: {
      self: tensor(),
      dim: int(),
      index: tensor(),
      source: tensor(),
      reduce: text(),
      include_self: kw(flag(true)),
    },
    meta: indexReduceMeta,
    run: (args, out, rt) => runIndexReduce(rt, args, out),
    vjp: {
      self: (scope) => selfGradient(indexGradient(scope)),
      index: null,
      source: (scope) => srcGradient(indexGradient(scope)),
    },
  }),
  _delayed_error: op({
    doc: 'The same elements, which cannot be differentiated again.',
    internal: true,
    gradFn: 'DelayedError',
    params: { self: tensor(), from: text() },
    meta: ({ self }) => ({ dtype: self.dtype, shape: self.shape }),
    run: ({ self }, out, rt) => rt.copyTo(out.ptr, self),
    vjp: {
      self({ from }) {
        const source = from === 'scatter_reduce' ? 'src' : 'source';
        const message = `${from}(): Double backward is unsupported for ${source} when >1 zeros in ${source} are scattered to the same position in self`;
        throw new GraddError('not-differentiable', message);
      },
    },
  }),
} satisfies Record<string, Op>;
