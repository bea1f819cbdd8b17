import { GraddError } from '../errors.ts';
import type { Op } from '../ops/define.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';
import type { Calls } from './calls.ts';
import { type SessionNode, twin } from './graph.ts';
import { chosen, type InPlace } from './inplace.ts';
import { ownOps, recordedInPlace } from './inplace-ops.ts';
import { type Present, storageOf } from './present.ts';
import { Variable } from './variable.ts';
import { copySlicesNode, refuseWriting } from './views.ts';
import { writeOver } from './write.ts';

const refuse = (message: string): never => {
  throw new GraddError('not-differentiable', message);
};

const copyOp = ownOps.copy_ as Op;

/** Operations in place: what they write, and what the variable and its base become in the graph. */
export class Writing {
  private readonly present: Present;
  private readonly calls: Calls;

  constructor(present: Present, calls: Calls) {
    this.present = present;
    this.calls = calls;
  }

  /** Writes the result of an operation over its first operand, which is returned. */
  callInPlace(operation: InPlace, args: NamedArgs): Variable {
    const op = chosen(operation, args);
    const key = op.order[0] as string;
    const self = args[key];
    if (!(self instanceof Variable))
      throw new GraddError('invalid-argument', `${op.name}_(): argument 'self' must be Tensor`);
    if (operation.reshapes) return this.reshape(self, op, args);
    const recording = this.present.eager.gradEnabled && op.differentiable && this.wantsGrad(op, args);
    this.checkWriting(self, recording);
    const t = this.present.tensorOf(self);
    const record = this.calls.record(op, args, key);
    const { tensor, node } = writeOver(this.present.eager, op, t, record, recording, copyOp);
    if (node !== null) node.op = recordedInPlace(node.op);
    if (node === null) this.replaceWritten(self, tensor);
    else this.rebase(self, t, tensor, node);
    return self;
  }

  wantsGrad(op: Op, args: NamedArgs): boolean {
    const wants = (arg: unknown): boolean =>
      arg instanceof Variable ? arg.requiresGrad : Array.isArray(arg) && arg.some(wants);
    return op.order.some((name) => wants(args[name]));
  }

  checkWriting(self: Variable, recording: boolean): void {
    if (self.isInference && this.present.mode !== 'inference') {
      refuse(
        'Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.',
      );
    }
    if (!recording) return;
    if (self.base !== null) {
      refuseWriting(self, false);
      if (self.requiresGrad && this.present.nodeOf(self.base) === null)
        refuse('a view of a leaf Variable that requires grad is being used in an in-place operation.');
    }
    if (self.requiresGrad && this.present.nodeOf(self) === null)
      refuse('a leaf Variable that requires grad is being used in an in-place operation.');
  }

  /** Written to without a node: the place in the graph stays. */
  replaceWritten(self: Variable, tensor: Tensor): void {
    if (self.base !== null && self.creation !== 'plain' && self.base.requiresGrad) self.outdated = true;
    if (self.base !== null && self.creation === 'plain' && (tensor.node !== null || self.base.requiresGrad)) {
      this.present.tensorOf(self);
      return;
    }
    this.present.replace(self, tensor);
  }

  /** Written to with a node: it is what made the variable now; of a view, what made a part of the base. */
  rebase(self: Variable, before: Tensor, tensor: Tensor, node: SessionNode): void {
    const { base } = self;
    storageOf(tensor).owner = base ?? self;
    if (base === null) {
      tensor.node = node;
      tensor.outputNr = 0;
      tensor.requiresGrad = true;
      this.present.moveRetained(self, before.node as SessionNode | null, node);
      this.present.replace(self, tensor);
      return;
    }
    const whole = twin(base.held, storageOf(tensor).version);
    const old = base.held;
    const copied = this.present.eager.number(copySlicesNode(old, before, node));
    copied.out = whole;
    whole.node = copied;
    whole.outputNr = 0;
    whole.requiresGrad = true;
    this.present.moveRetained(base, old.node as SessionNode | null, copied);
    this.present.replace(base, whole);
    const view = this.present.strided(whole, before);
    this.present.moveRetained(self, before.node as SessionNode | null, view.node as SessionNode);
    node.out = view;
    this.present.replace(self, view);
  }

  /** `unsqueeze_` and the like: the same elements, seen otherwise from now on. */
  reshape(self: Variable, op: Op, args: NamedArgs): Variable {
    const key = op.order[0] as string;
    const recording = this.present.eager.gradEnabled && self.requiresGrad;
    this.checkWriting(self, recording);
    const t = this.present.tensorOf(self);
    const record = this.calls.record(op, args);
    record[key] = t;
    const out = (
      op.composite ? op.compose(record, this.present.eager) : this.calls.compute(op, record)
    ) as Tensor;
    storageOf(t).version++;
    const seen = twin(out, storageOf(t).version);
    if (!recording) {
      seen.node = t.node;
      seen.outputNr = t.outputNr;
      seen.requiresGrad = t.requiresGrad;
    } else {
      const node = seen.node as SessionNode;
      node.out = seen;
      node.op = recordedInPlace(node.op);
    }
    this.present.replace(self, seen);
    return self;
  }
}
