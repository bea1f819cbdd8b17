import { BLOCK } from '../ops/runtime.ts';
import { facts, isFloat, type Scalar } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Present, storageOf } from './present.ts';
import type { SessionRuntime } from './runtime.ts';
import type { Variable } from './variable.ts';

/**
 * The arithmetic of an optimizer for one parameter, in one pass over its elements. It calls the kernels that the
 * operations of the optimizer's source would call, in their order and on blocks that begin where theirs do, so that the
 * numbers are the same to the last bit.
 */

/** Tensors that lie alike in memory of their own: the first of them is the parameter. Null where some do not. */
function alike(present: Present, variables: readonly Variable[]): Tensor[] | null {
  const found: Tensor[] = [];
  for (const variable of variables) {
    if (variable.base !== null || variable.isInference) return null;
    const t = present.bytesOf(variable);
    const first = found[0] ?? t;
    if (!t.layout.contiguous || t.dtype !== first.dtype || t.numel !== first.numel) return null;
    if (t.layout.shape.some((size, d) => size !== first.layout.shape[d])) return null;
    if (found.some((other) => storageOf(other).block === storageOf(t).block)) return null;
    found.push(t);
  }
  return isFloat((found[0] as Tensor).dtype) ? found : null;
}

/** A number over a scratch block. */
function number(rt: SessionRuntime, { dtype }: Tensor, n: number, value: Scalar): number {
  const at = rt.block(1);
  rt.fillAt(at, dtype, n, value);
  return at;
}

/** Calls `pass` for the addresses of each block of elements, and takes note of how often each tensor was written to. */
function inBlocks(
  rt: SessionRuntime,
  tensors: readonly Tensor[],
  writes: readonly number[],
  pass: (n: number, ...at: number[]) => void,
): void {
  const { numel, dtype } = tensors[0] as Tensor;
  const { size } = facts[dtype];
  for (let start = 0; start < numel; start += BLOCK) {
    const n = Math.min(BLOCK, numel - start);
    rt.spend(n * OPERATIONS);
    pass(n, ...tensors.map((t) => t.ptr + start * size));
  }
  tensors.forEach((t, i) => {
    storageOf(t).version += writes[i] as number;
  });
}

/** What an element of a step counts as. */
const OPERATIONS = 10;

/** The numbers of a step of Adam. */
export interface AdamNumbers {
  /** How far the mean moves towards the gradient. */
  readonly weight: number;
  readonly beta2: number;
  /** What the root of the mean square is divided by. */
  readonly correction: number;
  readonly eps: number;
  readonly stepSize: number;
}

/**
 * `mean.lerp_(grad, weight); square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2);
 * param.addcdiv_(mean, (square.sqrt() / correction).add_(eps), value=-step_size)`.
 *
 * @returns false where nothing was done, since the tensors do not lie so that they could be gone through at once
 */
export function adamStep(
  present: Present,
  [param, grad, mean, square]: readonly [Variable, Variable, Variable, Variable],
  { weight, beta2, correction, eps, stepSize }: AdamNumbers,
): boolean {
  if (present.mode === 'on') return false;
  const tensors = alike(present, [param, grad, mean, square]);
  if (tensors === null) return false;
  const { rt } = present.eager;
  const [p] = tensors as [Tensor];
  const kernel = (name: string) => rt.kernelFor(name, p.dtype);
  const [lerp, mul, addcmul, sqrt] = ['lerp', 'mul', 'addcmul', 'sqrt'].map(kernel) as KernelFns;
  const [div, add, addcdiv] = ['div', 'add', 'addcdiv'].map(kernel) as KernelFns;
  const root = rt.block(2);
  inBlocks(rt, tensors, [1, 0, 1, 2], (n, x, g, m, v) => {
    lerp(m, m, g, number(rt, p, n, weight), n);
    mul(v, v, number(rt, p, n, beta2), n);
    addcmul(v, v, g, g, n, 1 - beta2);
    sqrt(root, v, n);
    div(root, root, number(rt, p, n, correction), n);
    add(root, root, number(rt, p, n, eps), n);
    addcdiv(x, x, m, root, n, -stepSize);
  });
  return true;
}

type KernelFns = [Kernel, Kernel, Kernel, Kernel];
type Kernel = (...args: number[]) => number;

/**
 * `param.add_(grad, alpha=-lr)`; with a buffer `buffer.mul_(momentum).add_(grad, alpha=1 - dampening)` first, and the
 * buffer in the place of the gradient.
 *
 * @returns as `adamStep`
 */
export function momentumStep(
  present: Present,
  [param, grad, buffer]: readonly [Variable, Variable, Variable],
  { lr, momentum, dampening }: { lr: number; momentum: number; dampening: number },
): boolean {
  if (present.mode === 'on' || lr === -1) return false;
  const tensors = alike(present, [param, grad, buffer]);
  if (tensors === null) return false;
  const { rt } = present.eager;
  const [p] = tensors as [Tensor];
  const [mul, add, scaled] = ['mul', 'add', 'add_scaled'].map((name) =>
    rt.kernelFor(name, p.dtype),
  ) as KernelFns;
  inBlocks(rt, tensors, [1, 0, 2], (n, x, g, b) => {
    mul(b, b, number(rt, p, n, momentum), n);
    if (dampening === 0) add(b, b, g, n);
    else scaled(b, b, g, n, 1 - dampening);
    scaled(x, x, b, n, -lr);
  });
  return true;
}
