import type { Shape } from '../tensor/layout.ts';
import type { NamedArgs } from '../tensor/value.ts';
import type { Op } from './define.ts';

/**
 * Floating-point operations of an operation, known from the shapes of its arguments: a multiplication and an addition
 * are two, an elementary function is one. What reads an element without computing counts it as one too, since it takes
 * the time.
 */

/** An argument as far as its size matters: a tensor, or a place in a recorded graph. */
interface Sized {
  readonly shape: Shape;
  readonly numel: number;
}

type Work = (args: NamedArgs) => number;

const isSized = (arg: unknown): arg is Sized =>
  typeof arg === 'object' && arg !== null && 'numel' in arg && 'shape' in arg;

const numel = (arg: unknown): number => (isSized(arg) ? arg.numel : 0);
const size = (arg: unknown, dim: number): number => (isSized(arg) ? (arg.shape.at(dim) ?? 1) : 1);
const product = (sizes: unknown): number =>
  Array.isArray(sizes) ? sizes.reduce<number>((all, each) => all * Number(each), 1) : 1;

/** Elements that are read: those of every tensor among the arguments. */
function read(args: NamedArgs, order: readonly string[]): number {
  let total = 0;
  for (const name of order) {
    const arg = args[name];
    if (typeof arg !== 'object' || arg === null) continue;
    if (Array.isArray(arg)) for (const each of arg) total += numel(each);
    else total += numel(arg);
  }
  return total;
}

/** [m, k] × [k, n] takes 2·m·k·n. */
const times =
  (a: string, b: string): Work =>
  (args) =>
    2 * numel(args[a]) * size(args[b], -1);

/** `factor` times the cube of the smaller side of each matrix, times the ratio of its sides (Golub & Van Loan). */
const cubic =
  (name: string, factor: number): Work =>
  (args) =>
    factor * numel(args[name]) * Math.min(size(args[name], -1), size(args[name], -2));

/** A triangular or factored system: each column of the right side takes 2·n². */
const solve =
  (a: string, b: string): Work =>
  (args) =>
    2 * numel(args[b]) * size(args[a], -1);

/** Every element of the result, or of its gradient, is a sum over the kernel and the channels of its group. */
const convolved =
  (out: (args: NamedArgs) => number): Work =>
  (args) =>
    2 * out(args) * (numel(args.weight) / Math.max(1, size(args.weight, 0)));

/** Places of the result of a convolution for one image and channel. */
function places(args: NamedArgs): number {
  const [input, weight] = [args.input as Sized, args.weight as Sized];
  const at = (list: unknown, i: number, fallback: number): number =>
    Number((Array.isArray(list) ? (list[i] ?? list[0]) : list) ?? fallback);
  return input.shape.slice(2).reduce((all, length, i) => {
    if (args.transposed === true) return all * length;
    const reach = at(args.dilation, i, 1) * ((weight.shape[i + 2] as number) - 1);
    const steps = (length + 2 * at(args.padding, i, 0) - reach - 1) / at(args.stride, i, 1);
    return all * Math.max(0, Math.floor(steps) + 1);
  }, 1);
}

const forward = (args: NamedArgs): number => size(args.input, 0) * size(args.weight, 0) * places(args);

const window: Work = (args) => numel(args.self) * product(args.kernel_size);

const logarithmic: Work = (args) => {
  const count = numel(args.self);
  return count * Math.max(1, Math.log2(count + 1)) * 4;
};

/** Each pair of rows, and each of their coordinates. */
const pairs: Work = (args) => 3 * numel(args.x1) * size(args.x2, -2);

/** The operations that take more than reading their arguments once. */
const rules: Readonly<Record<string, Work>> = {
  mm: times('self', 'mat2'),
  bmm: times('self', 'mat2'),
  mv: (args) => 2 * numel(args.self),
  dot: (args) => 2 * numel(args.self),
  addmm: times('mat1', 'mat2'),
  convolution: convolved(forward),
  'convolution.input': convolved((args) => numel(args.grad_output)),
  'convolution.weight': convolved((args) => numel(args.grad_output)),
  _linalg_det: cubic('A', 1),
  _linalg_slogdet: cubic('A', 1),
  _linalg_inv_ex: cubic('A', 2),
  _linalg_solve_ex: (args) => cubic('A', 1)(args) + solve('A', 'B')(args),
  _linalg_lu_factor_ex: cubic('A', 1),
  'linalg.lu': cubic('A', 1),
  'linalg.lu_solve': solve('LU', 'B'),
  _linalg_cholesky_ex: cubic('self', 1),
  cholesky: cubic('self', 1),
  cholesky_solve: solve('L', 'B'),
  cholesky_inverse: cubic('L', 1),
  'linalg.solve_triangular': solve('self', 'B'),
  triangular_solve: solve('A', 'b'),
  'linalg.qr': cubic('A', 4),
  geqrf: cubic('self', 2),
  'linalg.householder_product': cubic('input', 4),
  ormqr: (args) => 4 * numel(args.other) * size(args.input, -1),
  _linalg_eigh: cubic('A', 9),
  _linalg_svd: cubic('A', 20),
  _linalg_lstsq: cubic('self', 4),
  'linalg.matrix_exp': cubic('A', 20),
  _linalg_ldl_factor_ex: cubic('self', 1),
  'linalg.ldl_solve': solve('LD', 'B'),
  _cdist_forward: pairs,
  _cdist_backward: pairs,
  'nn.functional.avg_pool2d': window,
  'nn.functional.avg_pool3d': window,
  max_pool2d_with_indices: window,
  max_pool3d_with_indices: window,
  im2col: window,
  sort: logarithmic,
  argsort: logarithmic,
  topk: logarithmic,
  mode: logarithmic,
  _row_order: logarithmic,
  _searchsorted: (args) => numel(args.values) * Math.max(1, Math.log2(size(args.sorted, -1) + 1)) * 4,
  // A draw may be refused a few times; the slope of a gamma number is the sum of a series.
  _standard_gamma: (args) => 50 * numel(args.self),
  _standard_gamma_grad: (args) => 4000 * numel(args.self),
  binomial: (args) => 200 * numel(args.self),
  _isin: (args) => numel(args.elements) + logarithmic({ self: args.test_elements }),
};

/** Floating-point operations of a call; of an elementwise operation one for each element of its result. */
export function workOf(op: Op, args: NamedArgs): number {
  // What is a view computes nothing; what is made of others is counted as those run.
  if (op.view || op.transparent || op.describe !== undefined) return 0;
  const rule = rules[op.name];
  return rule === undefined ? read(args, op.order) : Math.ceil(rule(args));
}
