import {
  DEFAULT_SEED,
  type Eager,
  FunctionalSession,
  GraddError,
  NeedsValues,
  type Outcome,
  type Program,
  type Tensor,
  type Variable,
} from '../../engine/index.ts';
import { call, nameOfType, type Py, PyDict, PyList, PyTuple } from '../program/host.ts';
import type { Code, RunLimits } from '../program/index.ts';
import { runTorch, type TorchFinished } from './index.ts';
import { namedLeaves, namedVariables, outputsOf } from './named.ts';
import { PyTensor, wrap } from './tensor.ts';

type Result = Tensor | Tensor[];
type Named = Map<string, { result: Result; op: null }>;

export interface GraphOptions {
  readonly limits: RunLimits;
  /** The function of the program that is the graph, its parameters the leaves; default: the whole program. */
  readonly entry?: string | undefined;
  /** Whether gradients are those that the program itself computes, if any; else they may be asked for afterwards. */
  readonly ownGradients?: boolean;
  /** Called every few thousand steps; throws to end the run. */
  readonly check: (eager: Eager) => void;
}

const HINT =
  'Without values nothing else may depend on them: use torch.where, torch.cond or torch.while_loop here, or evaluate ' +
  'the program by POST /v1/evaluate.';

/** What a request can ask for. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

const UNTRACEABLE = 'What the program does here depends on the values of its inputs, so it has no graph';

function untraceable(thrown: unknown): GraddError | null {
  return thrown instanceof NeedsValues ? new GraddError('not-traceable', UNTRACEABLE, { hint: HINT }) : null;
}

/** One run of a program over tensors that never change. */
class GraphRun {
  private readonly session: FunctionalSession;
  private readonly code: Code;
  private readonly options: GraphOptions;

  constructor(code: Code, eager: Eager, options: GraphOptions) {
    this.session = new FunctionalSession(eager);
    this.code = code;
    this.options = options;
  }

  run(leaves: ReadonlyMap<string, Tensor>): Outcome {
    const variables = new Map<string, Variable>();
    for (const [name, tensor] of leaves) variables.set(name, this.session.adopt(tensor));
    const { entry } = this.options;
    return entry === undefined ? this.whole(variables, leaves) : this.ofFunction(entry, variables);
  }

  private finished(
    leaves: ReadonlyMap<string, Variable>,
    after?: (globals: (name: string) => Py | undefined) => void,
  ): TorchFinished {
    const { limits, check } = this.options;
    const finished = runTorch(this.code, this.session, {
      leaves,
      limits,
      check: () => check(this.session.eager),
      errorOf: untraceable,
      ...(after !== undefined && { after }),
    });
    if (finished.error !== null) throw finished.error;
    this.session.resume = finished.resume;
    return finished;
  }

  private whole(variables: ReadonlyMap<string, Variable>, leaves: ReadonlyMap<string, Tensor>): Outcome {
    const finished = this.finished(variables);
    const named = namedVariables(finished, variables);
    const results: Named = new Map();
    for (const [name, variable] of named) {
      const result = this.session.tensorOf(variable);
      // A name of a leaf may be another tensor by now, and the leaf itself may have been written to.
      if (result !== leaves.get(name)) results.set(name, { result, op: null });
    }
    const outputs = outputsOf(finished, named, variables, undefined);
    for (const [name, value] of outputs) {
      const result = this.resultOf(value);
      if (result !== null && result !== leaves.get(name)) results.set(name, { result, op: null });
    }
    return { ...this.outcome(finished, named, variables), named: results, outputs: [...outputs.keys()] };
  }

  /** The program up to its end makes what the function needs; the leaves are arguments of the function alone. */
  private ofFunction(entry: string, variables: ReadonlyMap<string, Variable>): Outcome {
    const { session } = this;
    session.manualSeed(DEFAULT_SEED);
    let given: Py = null;
    const finished = this.finished(new Map(), (globals) => {
      const callee = globals(entry);
      if (callee === undefined) return;
      session.rt.restart();
      const keywords = new Map([...variables].map(([name, variable]) => [name, wrap(variable)]));
      given = call(callee, [], keywords);
    });
    if (!finished.globals.has(entry)) {
      const message = `The program has no function "${entry}"`;
      throw new GraddError('unknown-name', message, { path: ['function'] });
    }
    const named = namedVariables(finished, new Map());
    for (const name of variables.keys()) named.delete(name);
    const results: Named = new Map();
    for (const [name, value] of this.resultsOf(entry, given)) {
      const result = this.resultOf(value);
      if (result === null) {
        const message = `${entry}() returned a value of type ${nameOfType(value)}: the results of a graph are tensors`;
        throw new GraddError('invalid-argument', message, { path: ['function'] });
      }
      results.set(name, { result, op: null });
    }
    return { ...this.outcome(finished, named, variables), named: results, outputs: [...results.keys()] };
  }

  private resultsOf(entry: string, value: Py): [string, Py][] {
    if (!(value instanceof PyDict)) return [['value', value]];
    return [...value.entries].map(({ key, value: each }) => {
      if (typeof key === 'string' && NAME.test(key)) return [key, each];
      const message = `${entry}() returned a dict with a key that is no name of a result: [A-Za-z_][A-Za-z0-9_]{0,63}`;
      throw new GraddError('invalid-argument', message, { path: ['function'] });
    });
  }

  /** A tensor, or several in a tuple or list; null for anything else. */
  private resultOf(value: Py): Result | null {
    if (value instanceof PyTensor) return this.session.tensorOf(value.variable);
    if (!(value instanceof PyTuple || value instanceof PyList) || value.items.length === 0) return null;
    const tensors: Tensor[] = [];
    for (const item of value.items) {
      if (!(item instanceof PyTensor)) return null;
      tensors.push(this.session.tensorOf(item.variable));
    }
    return tensors;
  }

  private outcome(
    finished: TorchFinished,
    named: ReadonlyMap<string, Variable>,
    variables: ReadonlyMap<string, Variable>,
  ): Pick<Outcome, 'leaves' | 'gradients' | 'stdout'> {
    const { session } = this;
    const own = new Map<string, Tensor>();
    const gradients = new Map<string, Tensor | null>();
    for (const [name, variable] of namedLeaves(named, variables)) {
      if (!variables.has(name)) own.set(name, session.tensorOf(variable));
      gradients.set(name, variable.grad && session.tensorOf(variable.grad));
    }
    const asked = finished.roots.length > 0 || this.options.ownGradients === true;
    return { leaves: own, gradients: asked ? gradients : null, stdout: finished.stdout };
  }
}

/**
 * A program, or a function of it, as what can be compiled: it runs on whatever runs operations, one that only records
 * them included. Running it throws GraddError `not-traceable`, with the line, where it asks for a value that is not
 * there.
 */
export const graphOf = (code: Code, options: GraphOptions): Program => ({
  handlesErrors: true,
  run(eager, leaves) {
    try {
      return new GraphRun(code, eager, options).run(leaves);
    } finally {
      eager.gradEnabled = true;
    }
  },
});
