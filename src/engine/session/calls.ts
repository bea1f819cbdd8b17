import { wantsGrad } from '../autograd/eager.ts';
import type { Node } from '../autograd/graph.ts';
import { GraddError } from '../errors.ts';
import type { Op } from '../ops/define.ts';
import type { Scalar } from '../tensor/dtype.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';
import { blankOf } from './graph.ts';
import type { Point } from './memory.ts';
import { type GradMode, type Present, storageOf } from './present.ts';
import { quickly } from './quick.ts';
import type { Storage } from './storage.ts';
import { type Creation, Variable } from './variable.ts';

/** What an operation returns: one tensor, or several; null where `autograd.grad` found nothing. */
export type Outcome = Variable | (Variable | null)[];

/** Operations whose results are views of each other's base that cannot be written to. */
const severalViews = new Set(['split', 'split.Tensor', 'split_with_sizes', 'chunk', 'unbind']);

/** How a view is made, on which depends whether it may be written to. */
export function creationOf(mode: GradMode, op: Op, source: Variable): Creation {
  if (mode === 'inference') return 'inference';
  if (mode === 'off') return 'no-grad';
  return severalViews.has(op.name) ? 'multiple' : source.creation;
}

const refuse = (message: string): never => {
  throw new GraddError('not-differentiable', message);
};

/** Operations on variables: those of the engine on what the variables are, and variables for the results. */
export class Calls {
  private readonly present: Present;
  private readonly inference = new WeakSet<Storage>();
  private inferenceMade = false;

  constructor(present: Present) {
    this.present = present;
  }

  /** Calls an operation; arguments by name, those left out or undefined take their default. */
  call(op: Op, args: NamedArgs): Outcome {
    const { eager } = this.present;
    const { rt } = eager;
    const { next, length: from, releases } = rt.memory;
    const { sequence } = eager;
    const node = this.record(op, args);
    const out = op.composite ? op.compose(node, eager) : this.compute(op, node);
    const result = Array.isArray(out)
      ? out.map((t) => t && this.result(t as Tensor, op, args, next))
      : this.result(out as Tensor, op, args, next);
    if (rt.memory.length - from > 1 && sequence === eager.sequence)
      this.freeBetween({ from, releases }, result);
    return result;
  }

  /**
   * An argument record with tensors in place of variables.
   *
   * @param except an argument that is left out
   */
  record(op: Op, args: NamedArgs, except = ''): Node {
    const node: Node = blankOf(op);
    const { order, operands } = op;
    for (let i = 0; i < order.length; i++) {
      const name = order[i] as string;
      if (name === except) continue;
      const arg = args[name];
      if (arg instanceof Variable)
        node[name] = op.differentiable ? this.present.tensorOf(arg) : this.present.bytesOf(arg);
      else if (arg !== undefined) node[name] = this.plain(arg);
    }
    for (let i = 0; i < operands.length; i++) {
      const name = operands[i] as string;
      if (typeof node[name] !== 'object') node[name] = this.present.eager.rt.wrap(node[name] as Scalar);
    }
    return node;
  }

  plain(arg: unknown): unknown {
    if (arg instanceof Variable) return this.present.tensorOf(arg);
    return Array.isArray(arg) ? arg.map((item) => this.plain(item)) : arg;
  }

  compute(op: Op, node: Node): Tensor | Tensor[] {
    const { eager } = this.present;
    const out = quickly(eager.rt, op, node) ?? eager.rt.perform(op, node);
    if (eager.gradEnabled && op.differentiable && wantsGrad(op, node)) {
      this.refuseInference(op, node);
      eager.record(op, node, out);
    }
    return out;
  }

  refuseInference(op: Op, node: Node): void {
    if (!this.inferenceMade) return;
    for (const name of op.order) {
      const arg = node[name];
      if (!(arg instanceof Tensor) || !this.inference.has(storageOf(arg))) continue;
      refuse(
        'Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in ' +
          'computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it ' +
          'in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`.',
      );
    }
  }

  /** The variable of a result: itself where an operand is returned, a view where it lies in the memory of one. */
  result(t: Tensor, op: Op, args: NamedArgs, next: number): Variable {
    if (storageOf(t).id >= next || t.wrapped) {
      const made = this.present.fresh(t);
      if (made.isInference) {
        this.inference.add(storageOf(made.held));
        this.inferenceMade = true;
      }
      return made;
    }
    const source = this.sourceOf(t, op, args);
    if (source === null) return this.present.fresh(t);
    return source.held === t ? source : this.viewOf(source, t, op);
  }

  sourceOf(t: Tensor, op: Op, args: NamedArgs): Variable | null {
    let found: Variable | null = null;
    const look = (arg: unknown): void => {
      if (arg instanceof Variable) {
        if (arg.held === t) found = arg;
        else if (found?.held !== t && arg.held.root === t.root) found ??= arg;
      } else if (Array.isArray(arg)) arg.forEach(look);
    };
    for (const name of op.order) look(args[name]);
    return found;
  }

  viewOf(source: Variable, t: Tensor, op: Op): Variable {
    const view = this.present.variable(t);
    view.isInference = source.isInference;
    if (op.name === 'detach') return view;
    view.base = source.base ?? source;
    view.creation = creationOf(this.present.mode, op, source);
    return view;
  }

  /** Frees what an operation that left no nodes made besides its results. */
  freeBetween(point: Point, result: Outcome): void {
    const kept = new Set<Storage>();
    for (const each of Array.isArray(result) ? result : [result])
      if (each !== null) kept.add(storageOf(each.held).block);
    this.present.eager.rt.memory.freeSince(point, (storage) => storage.pending < 0 || kept.has(storage));
  }
}
