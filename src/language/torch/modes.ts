import type { GradMode } from '../../engine/index.ts';
import {
  BoundMethod,
  Builtin,
  binder,
  call,
  Descriptor,
  findAttribute,
  hostType,
  type Keywords,
  type Py,
  PyFunction,
  PyObject,
  type PyType,
  repr,
  truth,
  typeOf,
  type Visit,
} from '../program/host.ts';
import { run } from './run.ts';

/** A mode of recording as `torch.no_grad()` is: a context, and a decorator. */
class ModeContext extends PyObject {
  readonly type: PyType;
  private readonly mode: GradMode;
  /** The modes before, of those that are entered. */
  private readonly before: GradMode[] = [];

  constructor(type: PyType, mode: GradMode) {
    super();
    this.type = type;
    this.mode = mode;
  }

  override enter(): Py {
    this.before.push(run.session.gradMode);
    run.session.gradMode = this.mode;
    return null;
  }

  override exit(): boolean {
    run.session.gradMode = this.before.pop() ?? 'on';
    return false;
  }

  /** Decorates a function. */
  override call(args: Py[]): Py {
    return new Decorated(args[0] ?? null, this.mode);
  }

  /** Sets the mode at once, as `torch.set_grad_enabled` does. */
  set(): this {
    this.before.push(run.session.gradMode);
    run.session.gradMode = this.mode;
    return this;
  }
}

/** As `ModeContext`, for a mode that is on from the call that makes it. */
class SetContext extends ModeContext {
  override enter(): Py {
    return null;
  }
}

/** A function that a mode decorates; in a class it becomes a method as the function would. */
class Decorated extends Descriptor {
  private readonly callee: Py;
  private readonly mode: GradMode;

  constructor(callee: Py, mode: GradMode) {
    super();
    this.callee = callee;
    this.mode = mode;
  }

  get type(): PyType {
    return typeOf(this.callee);
  }

  override visit(see: Visit): void {
    see(this.callee);
  }

  get(instance: Py | undefined): Py {
    return instance === undefined ? this : new BoundMethod(this, instance);
  }

  override call(args: Py[], keywords: Keywords | null): Py {
    return run.session.withMode(this.mode, () => call(this.callee, args, keywords));
  }

  override getAttribute(name: string): Py | undefined {
    return name === '__wrapped__' ? this.callee : findAttribute(this.callee, name);
  }

  override repr(): string {
    return repr(this.callee);
  }
}

const modeType = (name: string, modeOf: (enabled: boolean) => GradMode): PyType => {
  const type: PyType = hostType(name, {
    module: 'torch.autograd.grad_mode',
    make: (_type, args, keywords) => {
      const [given = keywords?.get('mode')] = args;
      if (given instanceof PyFunction || given instanceof Builtin) return new Decorated(given, modeOf(true));
      return new ModeContext(type, modeOf(given === undefined ? true : truth(given)));
    },
  });
  return type;
};

/** Inside inference mode nothing else turns recording on. */
export const noGrad = modeType('no_grad', () => (run.session.gradMode === 'inference' ? 'inference' : 'off'));
export const enableGrad = modeType('enable_grad', () =>
  run.session.gradMode === 'inference' ? 'inference' : 'on',
);
export const inferenceMode = modeType('inference_mode', (enabled) => (enabled ? 'inference' : 'on'));
export const setGradEnabled: PyType = hostType('set_grad_enabled', {
  module: 'torch.autograd.grad_mode',
  make: (type, args, keywords) =>
    new SetContext(type, truth(args[0] ?? keywords?.get('mode') ?? true) ? 'on' : 'off').set(),
});

/** Whether gradients are looked at for nan, until the context ends. */
class AnomalyContext extends PyObject {
  readonly type: PyType;
  private readonly before = run.session.detectsNan;

  constructor(type: PyType, detects: boolean) {
    super();
    this.type = type;
    run.session.detectsNan = detects;
  }

  override enter(): Py {
    return null;
  }

  override exit(): boolean {
    run.session.detectsNan = this.before;
    return false;
  }
}

const anomalyType = (signature: string): PyType => {
  const bind = binder(signature);
  const type: PyType = hostType(signature.slice(0, signature.indexOf('(')), {
    module: 'torch.autograd.anomaly_mode',
    make: (_type, args, keywords) =>
      new AnomalyContext(
        type,
        bind(args, keywords).every((each) => truth(each as Py)),
      ),
  });
  return type;
};

export const detectAnomaly = anomalyType('detect_anomaly(check_nan=True)');
export const setDetectAnomaly = anomalyType('set_detect_anomaly(mode, check_nan=True)');
