import type { NodeSpec } from '../../src/engine/index.ts';
import type { Known } from './random-graph.ts';

type Call = Omit<NodeSpec, 'name'>;

/** What a node is made from: tensors that are there, and random numbers. */
export interface Material {
  readonly a: Known;
  readonly b: Known;
  readonly c: Known;
  readonly r: number;
  readonly s: number;
}

/** A kind of node; it need not fit the material, since what cannot be computed is left out. */
export interface Template {
  readonly make: (material: Material) => Call;
  /** What it computes may depend on values. */
  readonly dynamic?: boolean;
}

const of = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

const unary = [
  'neg',
  'abs',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'exp',
  'square',
  'sqrt',
  'log1p',
  'erf',
  'reciprocal',
  'relu',
  'nn.functional.silu',
  'nn.functional.gelu',
  'nn.functional.softplus',
  'nn.functional.mish',
  'nn.functional.elu',
  'nn.functional.leaky_relu',
  'nn.functional.hardtanh',
  'atan',
  'expm1',
  'sign',
  'floor',
  'round',
  'frac',
  'clone',
  'detach',
  'zeros_like',
  'ones_like',
];
const binary = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'atan2', 'rsub', 'hypot', 'pow'];
const tests = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'logical_and', 'logical_or', 'logical_xor'];
const numbers = [0, 1, -1, 2, 0.5, 3, -2.5, { float: '-0.0' }, 1, 4];
const integers = ['floor_divide', 'remainder', 'fmod', 'bitwise_and', 'bitwise_or', 'bitwise_xor'];
const dtypes = ['float32', 'float64', 'int64', 'bool', 'int32'].map((name) => ({ value: name }));
const reductions = ['sum', 'mean', 'sum', 'amax', 'amin', 'logsumexp', 'var', 'prod', 'argmax'];
const losses = ['mse_loss', 'l1_loss', 'smooth_l1_loss', 'huber_loss'].map((name) => `nn.functional.${name}`);

const dimOf = ({ tensor }: Known, r: number): number => {
  const d = r % Math.max(1, tensor.shape.length);
  return r % 2 === 0 ? d : d - tensor.shape.length;
};

const dimsOf = ({ tensor }: Known, r: number): number[] =>
  tensor.shape.map((_, i) => i).filter((i) => r & (1 << i));

function orderOf({ tensor }: Known, r: number): number[] {
  const left = tensor.shape.map((_, i) => i);
  const order: number[] = [];
  for (let n = r; left.length > 0; n = Math.floor(n / 2)) order.push(...left.splice(n % left.length, 1));
  return order;
}

/** A dimension of a matrix or its like, transposed where that makes a product fit. */
const product = ({ a, b }: Material): Call => ({ op: 'matmul', inputs: [a.ref, b.ref] });

const one = (make: Template['make'], weight = 1): Template[] => new Array(weight).fill({ make });
const asking = (make: Template['make']): Template[] => [{ make, dynamic: true }];

export const templates: readonly Template[] = [
  ...one(({ a, r }) => ({ op: of(unary, r), inputs: [a.ref] }), 8),
  ...one(({ a, b, r }) => ({ op: of(binary, r), inputs: [a.ref, b.ref] }), 8),
  ...one(({ a, r, s }) => ({ op: of(binary, r), inputs: [a.ref, of(numbers, s)] }), 4),
  ...one(({ a, r, s }) => ({
    op: of(['mul', 'rsub', 'pow', 'div', 'add'], r),
    inputs: [a.ref, of(numbers, s)],
  })),
  ...one(({ a, b, r }) => ({ op: 'add', inputs: [a.ref, b.ref], attrs: { alpha: of([1, 2, -1], r) } })),
  ...one(({ a, b, r }) => ({ op: of(tests, r), inputs: [a.ref, b.ref] }), 2),
  ...one(({ a, r, s }) => ({ op: of(tests, r), inputs: [a.ref, of(numbers, s)] })),
  ...one(({ a, r }) => ({ op: of(['isnan', 'isfinite', 'logical_not', 'isinf'], r), inputs: [a.ref] })),
  ...one(({ a, b, r }) => ({ op: of(integers, r), inputs: [a.ref, b.ref] })),
  ...one(({ a, r, s }) => ({ op: of(integers, r), inputs: [a.ref, of([1, 2, -3], s)] })),
  ...one(({ a, b, c }) => ({ op: 'where', inputs: [a.ref, b.ref, c.ref] }), 3),
  ...one(({ a, b, s }) => ({ op: 'where', inputs: [a.ref, b.ref, of(numbers, s)] })),
  ...one(({ a, b, s }) => ({ op: 'masked_fill', inputs: [a.ref, b.ref, of([0, 1.5, -2], s)] }), 2),
  ...one(({ a, r }) => ({
    op: 'clamp',
    inputs: [a.ref],
    attrs: of([{ min: -1 }, { max: 1 }, { min: 0, max: 2 }], r),
  })),
  ...one(({ a, b, c }) => ({ op: 'lerp', inputs: [a.ref, b.ref, c.ref] })),
  ...one(({ a, r }) => ({ op: 'to', inputs: [a.ref, of(dtypes, r)] }), 2),
  ...one(
    ({ a, r, s }) => ({
      op: of(reductions, r),
      inputs: [a.ref, dimOf(a, s)],
      attrs: { keepdim: r % 2 === 1 },
    }),
    5,
  ),
  ...one(
    ({ a, r, s }) => ({
      op: of(['sum', 'mean'], r),
      inputs: [a.ref, dimsOf(a, s)],
      attrs: { keepdim: s % 3 === 0 },
    }),
    3,
  ),
  ...one(({ a, r }) => ({ op: of(['sum', 'mean', 'prod', 'max', 'any', 'all'], r), inputs: [a.ref] })),
  ...one(
    ({ a, r }) => ({
      op: of(['softmax', 'log_softmax', 'cumsum', 'cumprod'], r),
      inputs: [a.ref, dimOf(a, r)],
    }),
    2,
  ),
  ...one(({ a, r, s }) => ({ op: 'transpose', inputs: [a.ref, dimOf(a, r), dimOf(a, s)] }), 2),
  ...one(({ a, r }) => ({ op: 'permute', inputs: [a.ref, orderOf(a, r)] }), 2),
  ...one(
    ({ a, r }) => ({ op: of(['flatten', 'squeeze', 'ravel', 'mT', 'contiguous'], r), inputs: [a.ref] }),
    2,
  ),
  ...one(({ a, r }) => ({ op: 'unsqueeze', inputs: [a.ref, r % (a.tensor.shape.length + 1)] })),
  ...one(({ a, b }) => ({ op: 'expand_as', inputs: [a.ref, b.ref] }), 2),
  ...one(({ a, r }) => ({
    op: 'reshape',
    inputs: [a.ref, [...a.tensor.shape].reverse().map((n, i) => (i === r ? -1 : n))],
  })),
  ...one(({ a, r }) => ({ op: 'expand', inputs: [a.ref, [1 + (r % 3), ...a.tensor.shape]] })),
  ...one(
    ({ a, r, s }) => ({ op: '__getitem__', inputs: [a.ref, [{ slice: [r % 3, null, 1 + (s % 2)] }]] }),
    2,
  ),
  ...one(
    ({ a, r, s }) => ({
      op: '__getitem__',
      inputs: [a.ref, [{ ellipsis: true }, { slice: [null, -1 - (r % 2), 1 + (s % 3)] }]],
    }),
    2,
  ),
  ...one(({ a, r }) => ({
    op: '__getitem__',
    inputs: [a.ref, of<unknown[]>([[0], [-1], [null], [{ ellipsis: true }, -1]], r)],
  })),
  ...one(({ a, r, s }) => ({ op: 'narrow', inputs: [a.ref, dimOf(a, r), s % 2, 1 + (r % 2)] })),
  ...one(({ a, r, s }) => ({ op: 'select', inputs: [a.ref, dimOf(a, r), -(s % 3)] })),
  ...one(({ a, r }) => ({ op: 'flip', inputs: [a.ref, [dimOf(a, r)]] })),
  ...one(({ a, r }) => ({ op: of(['tril', 'triu'], r), inputs: [a.ref, (r % 3) - 1] })),
  ...one(({ a, b, r }) => ({ op: 'cat', inputs: [[a.ref, b.ref], dimOf(a, r)] }), 2),
  ...one(({ a, r }) => ({ op: of(['cat', 'stack'], r), inputs: [[a.ref, a.ref], dimOf(a, r)] })),
  ...one(({ a, b, r }) => ({ op: 'stack', inputs: [[a.ref, b.ref, a.ref], dimOf(a, r)] })),
  ...one(({ a, b, r }) => ({ op: 'index_select', inputs: [a.ref, dimOf(a, r), b.ref] })),
  ...one(({ a, b, r }) => ({ op: 'gather', inputs: [a.ref, dimOf(a, r), b.ref] })),
  ...one(({ a, r }) => ({ op: '__getitem__', inputs: [a.ref, [{ value: of([[0], [0, 0], [-1, 0]], r) }]] })),
  ...one(product, 2),
  ...one(({ a, b }) => ({ op: 'matmul', inputs: [a.ref, { ref: b.ref }] })),
  ...one(({ a }) => ({ op: 'matmul', inputs: [a.ref, a.ref] })),
  ...one(({ a, b, c }) => ({ op: 'nn.functional.linear', inputs: [a.ref, b.ref, c.ref] })),
  ...one(({ a, b }) => ({ op: 'outer', inputs: [a.ref, b.ref] })),
  ...one(({ a, b, c }) => ({ op: 'addmm', inputs: [a.ref, b.ref, c.ref] })),
  ...one(({ a, r }) => ({ op: 'unbind', inputs: [a.ref, dimOf(a, r)] })),
  ...one(({ a, r, s }) => ({ op: 'split', inputs: [a.ref, 1 + (s % 2), dimOf(a, r)] })),
  ...one(({ a, b, r }) => ({ op: of(losses, r), inputs: [a.ref, b.ref] })),
  ...one(({ a, r, s }) => ({
    op: 'full_like',
    inputs: [a.ref, of([0, 1, -2, 0.1], r)],
    attrs: s % 2 ? { dtype: { value: 'float32' } } : {},
  })),
  ...one(({ r, s }) => ({ op: 'full', inputs: [[1 + (r % 3), 1 + (s % 4)], of([0, 1, 0.1, -3], s)] })),
  ...one(({ r }) => ({ op: 'arange', inputs: [1 + (r % 5)] })),
  ...one(
    ({ a, b, c, r }) => ({
      op: 'autograd.grad',
      inputs: [[a.ref], [b.ref, c.ref]],
      attrs: { grad_outputs: [{ ref: a.ref }], create_graph: r % 3 !== 0, allow_unused: r % 2 === 0 },
    }),
    3,
  ),
  ...asking(({ a, b }) => ({ op: 'masked_select', inputs: [a.ref, b.ref] })),
  ...asking(({ a, b }) => ({ op: '__getitem__', inputs: [a.ref, [b.ref]] })),
  ...asking(({ a, b }) => ({ op: 'nn.functional.binary_cross_entropy', inputs: [a.ref, b.ref] })),
];
