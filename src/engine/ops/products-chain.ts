import { GraddError } from '../errors.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import { maybeTensorList, spread, tensorList } from './params.ts';

const cName = { float64: 'double', float32: 'float', int64: 'long int', int32: 'int', bool: 'bool' };

/** The best order of more factors takes too long to find: its cost is their number to the third. */
const MAX_FACTORS = 512;

const wrongShape = (message: string): never => {
  throw new GraddError('shape-mismatch', `multi_dot(): ${message}`);
};

/** The factors as matrices, and the shape of the result. */
function matrices(tensors: readonly Value[]): { factors: Value[]; shape: number[] } {
  const n = tensors.length;
  const [first, last] = [tensors[0] as Value, tensors[n - 1] as Value];
  const outer = (x: Value, which: string): void => {
    if (x.ndim !== 1 && x.ndim !== 2) {
      wrongShape(`the ${which} tensor must be 1D or 2D but got ${x.ndim}D`);
    }
  };
  outer(first, 'first');
  outer(last, 'last');
  const shape = [...(first.ndim === 2 ? [first.size(0)] : []), ...(last.ndim === 2 ? [last.size(1)] : [])];
  tensors.forEach((x, i) => {
    if (i > 0 && i < n - 1 && x.ndim !== 2) wrongShape(`tensor ${i} must be 2D but got ${x.ndim}D`);
  });
  checkNeighbours(tensors);
  const factors = tensors.map((x, i) => (x.ndim === 1 ? x.unsqueeze(i === 0 ? 0 : 1) : x));
  return { factors, shape };
}

function checkNeighbours(tensors: readonly Value[]): void {
  const first = tensors[0] as Value;
  for (let i = 1; i < tensors.length; i++) {
    const [a, b] = [tensors[i - 1] as Value, tensors[i] as Value];
    if (b.dtype !== first.dtype) {
      const found = `tensor 0 is ${cName[first.dtype]} and tensor ${i} ${cName[b.dtype]}`;
      throw new GraddError(
        'dtype-mismatch',
        `multi_dot(): all tensors must have be the same dtype but ${found}`,
      );
    }
    if (a.size(-1) !== b.size(0)) {
      const shapes = `[${a.shape.join(', ')}] and [${b.shape.join(', ')}]`;
      wrongShape(`tensors ${i - 1} and ${i} with shapes ${shapes} cannot be multiplied`);
    }
  }
}

/** For each chain from i to j, at `i * n + j`, after which factor it is divided to cost the least. */
function bestOrder(factors: readonly Value[], tick: () => void): Uint16Array {
  const n = factors.length;
  const sizes = [...factors.map((x) => x.size(0)), (factors[n - 1] as Value).size(1)];
  const cost = new Float64Array(n * n);
  const order = new Uint16Array(n * n);
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      let least = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const step = (sizes[i] as number) * (sizes[k + 1] as number) * (sizes[j + 1] as number);
        const total = (cost[i * n + k] as number) + (cost[(k + 1) * n + j] as number) + step;
        if (total >= least) continue;
        least = total;
        order[i * n + j] = k;
      }
      cost[i * n + j] = least;
      tick();
    }
  }
  return order;
}

/** PyTorch decides between the two orders of three factors by a formula of its own. */
function ofThree([a, b, c]: readonly [Value, Value, Value]): Value {
  const [rows, inner, next, cols] = [a.size(0), b.size(0), c.size(0), c.size(1)];
  const leftFirst = rows * next * (inner + cols);
  const rightFirst = inner * cols * (rows + next);
  return leftFirst > rightFirst ? a.mm(b.mm(c)) : a.mm(b).mm(c);
}

/** The product of the factors in the order of least cost. */
function multiply(factors: readonly Value[], order: Uint16Array): Value {
  const n = factors.length;
  const done: Value[] = [];
  const todo: ({ from: number; to: number } | 'join')[] = [{ from: 0, to: n - 1 }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next === 'join') {
      const right = done.pop() as Value;
      done.push((done.pop() as Value).mm(right));
    } else if (next.from === next.to) done.push(factors[next.from] as Value);
    else {
      const cut = order[next.from * n + next.to] as number;
      todo.push('join', { from: cut + 1, to: next.to }, { from: next.from, to: cut });
    }
  }
  return done[0] as Value;
}

function multiDot(tensors: readonly Value[], tick: () => void): Value {
  const n = tensors.length;
  if (n < 2) {
    throw new GraddError('invalid-argument', `multi_dot(): expected at least 2 tensors but got ${n}`);
  }
  if (n > MAX_FACTORS) {
    const message = `multi_dot(): ${n} tensors; the limit is ${MAX_FACTORS}`;
    throw new GraddError('limit-exceeded', message);
  }
  const { factors, shape } = matrices(tensors);
  const [a, b, c] = factors as [Value, Value, Value];
  if (n === 2) return a.mm(b).view(shape);
  if (n === 3) return ofThree([a, b, c]).view(shape);
  return multiply(factors, bestOrder(factors, tick)).view(shape);
}

/** Products of several matrices, in the order that takes the fewest steps. */
export const chainOps = {
  'linalg.multi_dot': composite({
    doc: 'The product of several matrices in the order that takes the fewest steps.',
    on: ['torch'],
    params: { tensors: tensorList() },
    compose: ({ tensors }, context) => multiDot(tensors, () => context.tick()),
  }),
  chain_matmul: composite({
    doc: 'As linalg.multi_dot, of matrices alone.',
    on: ['torch'],
    params: { matrices: spread(maybeTensorList()) },
    compose({ matrices }, context) {
      const other = matrices.find(({ ndim }) => ndim !== 2);
      if (other !== undefined) {
        throw new GraddError('shape-mismatch', `Tensor dimension is ${other.ndim}, expected 2 instead.`);
      }
      const [first] = matrices;
      if (first === undefined) {
        throw new GraddError('invalid-argument', 'chain_matmul(): Expected one or more matrices');
      }
      return matrices.length === 1 ? first.clone() : multiDot(matrices, () => context.tick());
    },
  }),
} satisfies Record<string, Op>;
