import { accumulateGrad, type Node } from '../autograd/graph.ts';
import type { Kernels } from '../kernels/load.ts';
import type { Op } from '../ops/define.ts';
import { table } from '../ops/index.ts';
import type { Runtime } from '../ops/runtime.ts';
import { sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { SessionEager } from './eager.ts';
import { type SessionNode, twin } from './graph.ts';
import type { Session } from './session.ts';
import type { Storage } from './storage.ts';
import { Variable } from './variable.ts';
import { placeIn, refuseWriting, stridedNode } from './views.ts';

/** How gradients are recorded: `inference` as in `torch.inference_mode()`. */
export type GradMode = 'on' | 'off' | 'inference';

export const storageOf = (t: Tensor): Storage => t.root as Storage;

/** What PyTorch makes of a view whose base was written to. */
const viewAnew = { op: table.get('as_strided') as Op } as Node;

/** What the variables of a session are at the moment: their bytes, and their place in the graph. */
export class Present {
  readonly eager: SessionEager;
  private readonly session: Session;
  private currentMode: GradMode = 'on';

  constructor(kernels: Kernels, host: Runtime, session: Session) {
    this.session = session;
    this.eager = new SessionEager(kernels, host, (t) => this.presentNode(t));
  }

  get mode(): GradMode {
    return this.currentMode;
  }

  set mode(mode: GradMode) {
    this.currentMode = mode;
    this.eager.gradEnabled = mode === 'on';
  }

  /** A variable of its own for a tensor. */
  variable(t: Tensor): Variable {
    return new Variable(this.session, t);
  }

  /** As `variable`, for what was made just now. */
  fresh(t: Tensor): Variable {
    const variable = this.variable(t.wrapped ? this.eager.rt.copy(t) : t);
    if (this.mode === 'inference') variable.isInference = true;
    return variable;
  }

  /** What a variable is at the moment: tensors of the engine never change. */
  tensorOf(variable: Variable): Tensor {
    const { held } = variable;
    if (held.version === storageOf(held).version && !variable.outdated) return held;
    return this.refreshed(variable);
  }

  /** As `tensorOf` where the place in the graph does not matter. */
  bytesOf(variable: Variable): Tensor {
    const { held } = variable;
    const present = held.version === storageOf(held).version;
    return present ? held : this.refreshed(variable, false);
  }

  /** The tensor anew where its bytes were written to; of a view also its place in the graph. */
  refreshed(variable: Variable, recording = this.eager.gradEnabled): Tensor {
    const { held, base } = variable;
    const { version } = storageOf(held);
    const inGraph = base !== null && (held.node !== null || base.requiresGrad);
    if (!inGraph) return this.replace(variable, twin(held, version));
    if (variable.creation !== 'plain' && !recording) {
      variable.outdated = true;
      return held.version === version ? held : this.replace(variable, twin(held, version));
    }
    refuseWriting(variable, true);
    variable.outdated = false;
    const view = this.strided(this.tensorOf(base), held);
    if (view.node !== null)
      this.moveRetained(variable, held.node as SessionNode | null, view.node as SessionNode);
    return this.replace(variable, view);
  }

  /** The view of a base that lies where another does. */
  strided(base: Tensor, place: Tensor): Tensor {
    const out = twin(place, storageOf(place).version);
    out.node = null;
    out.outputNr = 0;
    out.requiresGrad = base.requiresGrad;
    if (!base.requiresGrad) return out;
    const { offset } = placeIn(base, place);
    const node = this.eager.number(stridedNode(base, place.layout, offset + base.storage.offset));
    node.out = out;
    out.node = node;
    return out;
  }

  replace(variable: Variable, tensor: Tensor): Tensor {
    variable.held = tensor;
    return tensor;
  }

  /** The node that a tensor that was saved comes from by now. */
  presentNode(t: Tensor): Node | null {
    const made = t.node as Node | null;
    if (made !== null && made === this.eager.running) return made;
    if (made?.op.view) return viewAnew;
    const { owner } = storageOf(t);
    if (owner === null) return made?.op === accumulateGrad ? null : made;
    const itself = owner.held.ptr === t.ptr && sameShape(owner.shape, t.shape);
    return itself ? this.nodeOf(owner) : viewAnew;
  }

  /** The node that made a variable; null for a leaf. */
  nodeOf(variable: Variable): SessionNode | null {
    const { node } = this.settled(variable);
    return node === null || (node as Node).op === accumulateGrad ? null : (node as SessionNode);
  }

  /** As `tensorOf` where gradients are recorded. */
  settled(variable: Variable): Tensor {
    if (this.eager.gradEnabled) return this.tensorOf(variable);
    return this.eager.withGrad(true, () => this.tensorOf(variable));
  }

  /** What was saved of a tensor, as a variable: of a leaf itself. */
  unpacked(t: Tensor): Variable {
    this.eager.check(t);
    const { variable } = (t.node ?? {}) as Partial<SessionNode>;
    return variable?.held === t ? variable : this.variable(t);
  }

  moveRetained(variable: Variable, from: SessionNode | null, to: SessionNode): void {
    if (!variable.retainsGrad) return;
    if (from?.retained) from.retained = from.retained.filter((each) => each !== variable);
    to.retained = [...(to.retained ?? []), variable];
  }
}
