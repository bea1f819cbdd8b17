import { defaultPrintOptions, type PrintOptions, type Tensors, type Variable } from '../../engine/index.ts';
import { type Machine, type Py, type PyModule, PyObject } from '../program/host.ts';
import { PyTensor } from './tensor.ts';

/** What one run of a program has: its tensors, and what it has set. */
export class TorchRun {
  readonly session: Tensors;
  machine: Machine | null = null;
  /** What the program can import. */
  modules: ReadonlyMap<string, PyModule> = new Map();
  printOptions: PrintOptions = defaultPrintOptions;
  /** Where the last reverse walk began. */
  lastRoots: readonly Variable[] = [];
  initialSeed = 67280421310721n;

  constructor(session: Tensors) {
    this.session = session;
  }

  /** Takes back memory, where it is time to. Whatever is in JavaScript variables alone must be among `held`. */
  safePoint(held: readonly unknown[]): void {
    if (this.session.wantsCollection) this.collect(held);
  }

  /** Tensors of a function of control flow that has ended have nothing left. */
  private has(value: unknown): value is PyTensor {
    return value instanceof PyTensor && value.variable.session === this.session;
  }

  private collect(held: readonly unknown[]): void {
    const found: Variable[] = [...this.lastRoots];
    const see = (value: unknown): void => {
      if (this.has(value)) found.push(value.variable);
    };
    this.machine?.walk(see);
    for (const value of held) {
      see(value);
      if (value instanceof PyObject) reach(value, see);
    }
    this.session.collect(found, (hook) => {
      const within: Variable[] = [];
      const { callee } = hook as { callee?: Py };
      if (callee instanceof PyObject)
        reach(callee, (value) => {
          if (this.has(value)) within.push(value.variable);
        });
      return within;
    });
  }
}

/** Shows all that can be reached from an object, and itself. */
function reach(from: PyObject, see: (value: Py) => void): void {
  const known = new Set<PyObject>([from]);
  const open: PyObject[] = [from];
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    see(object);
    object.visit((value) => {
      if (!(value instanceof PyObject) || known.has(value)) return;
      known.add(value);
      open.push(value);
    });
  }
}

/** The run that is going on. */
export let run: TorchRun;

/** Makes `body` a part of a run. */
export function within<T>(next: TorchRun, body: () => T): T {
  const before = run;
  run = next;
  try {
    return body();
  } finally {
    run = before;
  }
}
