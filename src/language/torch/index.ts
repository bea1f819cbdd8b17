/** Programs with PyTorch: the module `torch` over a session of the engine. */
import type { Tensors, Variable } from '../../engine/index.ts';
import type { Py } from '../program/host.ts';
import { type Code, type Finished, type RunLimits, type RunOptions, runProgram } from '../program/index.ts';
import { LibraryModule, withLibrary } from './library.ts';
import { torchModules } from './modules.ts';
import { TorchRun, within } from './run.ts';
import { PyTensor, wrap } from './tensor.ts';

export { type GraphOptions, graphOf } from './graph.ts';
export { namedLeaves, namedVariables, outputsOf } from './named.ts';
export { PyTensor } from './tensor.ts';

export interface TorchOptions extends Pick<RunOptions, 'after' | 'errorOf'> {
  readonly limits: RunLimits;
  /** Variables that the program finds, by name. */
  readonly leaves?: ReadonlyMap<string, Variable>;
  /** Called every few thousand steps; throws to end the run. */
  readonly check?: () => void;
}

/** What a program has left behind. */
export interface TorchFinished extends Finished {
  /** Where the last reverse walk began. */
  readonly roots: readonly Variable[];
  /** The value of the last statement that is an expression. */
  readonly last: Py | undefined;
}

/** Runs a program over the tensors of a session. */
export function runTorch(
  code: Code,
  session: Tensors,
  { limits, leaves, check, ...more }: TorchOptions,
): TorchFinished {
  const run = new TorchRun(session);
  return within(run, () => {
    const modules = withLibrary(torchModules());
    run.modules = modules;
    const globals = new Map<string, Py>();
    for (const [name, variable] of leaves ?? []) globals.set(name, wrap(variable));
    const finished = runProgram(code, {
      ...more,
      limits,
      globals,
      modules,
      ...(check !== undefined && { check }),
      begin: (machine) => {
        run.machine = machine;
        session.locator = () => machine.locator();
        machine.roots.push((see) => {
          for (const module of modules.values()) if (module instanceof LibraryModule) see(module);
          for (const leaf of globals.values()) see(leaf);
        });
      },
    });
    return {
      ...finished,
      roots: run.lastRoots,
      last: run.machine?.last,
      resume: (body) => within(run, () => finished.resume(body)),
    };
  });
}

export const variableOf = (value: Py | undefined): Variable | null =>
  value instanceof PyTensor ? value.variable : null;
