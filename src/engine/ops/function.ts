import { z } from 'zod';
import { GraddError, type Path } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, Value } from '../tensor/value.ts';
import { type Meta, manyOp, type Op, raw } from './define.ts';
import { attr, type Param, tensorList } from './params.ts';

/** A differentiable function made of operations: what control flow calls. */
export interface Fn {
  /** Equal keys, equal functions. */
  readonly key: string;
  /** It calls `autograd.grad`, so it is recorded even where no gradient of it will be asked for. */
  readonly differentiates: boolean;
  apply(args: Value[], interpreter: Interpreter): Value[];
  /**
   * Shapes and dtypes of the results, without computing them; null where the interpreter cannot tell.
   *
   * @throws GraddError what `apply` would complain of, of branches that are not taken too
   */
  describe(operands: readonly Meta[], interpreter: Interpreter): Meta[] | null;
}

/** A function that is one node of the graph. */
export interface NodeFn extends Fn {
  readonly gradFn: string;
  /** So many operands at the start only choose what is computed: no gradient flows to them. */
  readonly inert: number;
  /** The nodes that a call runs, where values have no say in that; else infinite. */
  nodes(operands: readonly Meta[]): number;
}

/** A function that a client wrote as a graph of its own. */
export abstract class Body implements Fn {
  abstract readonly key: string;
  abstract readonly differentiates: boolean;
  /** For each input, whether something reads it. */
  abstract readonly uses: readonly boolean[];
  /** The number of results. */
  abstract readonly results: number;
  /** The number of nodes. */
  abstract readonly size: number;
  /** Where it stands in the graph. */
  abstract readonly path: Path;
  abstract apply(args: Value[], interpreter: Interpreter): Value[];
  abstract describe(operands: readonly Meta[], interpreter: Interpreter): Meta[] | null;

  /** The number of inputs. */
  get arity(): number {
    return this.uses.length;
  }

  /** Where result `i` stands in the request. */
  resultPath(i: number): Path {
    return ['graph', ...this.path, 'outputs', i];
  }
}

const HINT =
  'A function is a graph of its own, {"graph": {"inputs": […], "nodes": […], "outputs": […]}}, as an argument ' +
  'of a node; expressions have none.';

/** A parameter that takes a function. */
export const fn = (): Param<'attr', Body> => ({
  ...attr(
    'function',
    z.custom<Body>((value) => value instanceof Body),
  ),
  hint: HINT,
});

export const metaOf = ({ dtype, shape }: Meta): Meta => ({ dtype, shape });

/** Derivatives of a higher order nest as deep as this at most. */
const MAX_ORDER = 32;

/**
 * The vector-Jacobian product of a function, itself a function: from the operands and the gradients of the results to
 * the gradients of the operands. It runs the function again and differentiates what it recorded, so it is as
 * differentiable as the function is.
 */
class Vjp implements NodeFn {
  readonly key: string;
  readonly gradFn: string;
  readonly inert: number;
  readonly differentiates = false;
  readonly order: number;
  private readonly fn: NodeFn;
  private readonly wanted: readonly boolean[];
  private readonly given: readonly boolean[];

  /**
   * @param wanted for each operand, whether its gradient is a result
   * @param given for each result of `fn`, whether its gradient is an operand
   */
  constructor(fn: NodeFn, wanted: readonly boolean[], given: readonly boolean[]) {
    this.fn = fn;
    this.wanted = wanted;
    this.given = given;
    const bits = (flags: readonly boolean[]): string => flags.map(Number).join('');
    this.key = `vjp(${fn.key},${bits(wanted)},${bits(given)})`;
    this.gradFn = fn.gradFn;
    this.inert = fn.inert;
    this.order = fn instanceof Vjp ? fn.order + 1 : 1;
    if (this.order <= MAX_ORDER) return;
    const message = `Control flow is differentiated ${this.order} times; the limit is ${MAX_ORDER}`;
    throw new GraddError('limit-exceeded', message);
  }

  apply(args: Value[], interpreter: Interpreter): Value[] {
    const count = this.wanted.length;
    const operands = args.slice(0, count).map((x, i) => this.variable(x, i, interpreter));
    const gradients = args.slice(count);
    const outputs = interpreter.withGrad(true, () => this.fn.apply(operands, interpreter));
    const roots: Value[] = [];
    const seeds: Value[] = [];
    let next = 0;
    outputs.forEach((output, i) => {
      const seed = this.given[i] ? gradients[next++] : undefined;
      if (seed === undefined || !output.requiresGrad) return;
      roots.push(output);
      seeds.push(seed);
    });
    const watch = operands.filter((_, i) => this.wanted[i]);
    const found = roots.length === 0 ? [] : interpreter.grad(roots, watch, seeds, interpreter.gradEnabled);
    return watch.map((x, i) => found[i] ?? x.zerosLike());
  }

  /** An operand apart from all others, so that its own share of the gradient can be told. */
  private variable(x: Value, i: number, interpreter: Interpreter): Value {
    const wanted = this.wanted[i] as boolean;
    const connected = wanted && interpreter.gradEnabled && x.requiresGrad;
    return connected ? x.apply('alias', { self: x }) : interpreter.variable(x, wanted);
  }

  /** Forward again, and about twice as much backward. */
  nodes(operands: readonly Meta[]): number {
    return 3 * this.fn.nodes(operands);
  }

  describe(operands: readonly Meta[]): Meta[] {
    return operands.filter((_, i) => this.wanted[i]).map(metaOf);
  }
}

const params = {
  fn: attr('function', z.custom<NodeFn>()),
  operands: tensorList(),
  /** For each operand, whether it requires grad: said here, since tensors of a static graph do not know. */
  require: attr('list of bools', z.array(z.boolean())),
};

interface CallArgs {
  fn: NodeFn;
  operands: Tensor[];
  require: boolean[];
}

/** Calls a function as one node of the graph. */
export function callAsNode(fn: NodeFn, operands: Value[], interpreter: Interpreter): Value[] {
  const require = fn.differentiates ? operands.map((x) => x.requiresGrad) : [];
  return interpreter.call('_call_function', { fn, operands, require }) as Value[];
}

/** Runs a function outside the graph. */
function run({ fn, operands, require }: CallArgs, interpreter: Interpreter): Value[] {
  if (!fn.differentiates) return interpreter.quietly(() => fn.apply(operands, interpreter));
  const variables = operands.map((x, i) => interpreter.variable(x, require[i] as boolean));
  return interpreter.withGrad(true, () => fn.apply(variables, interpreter));
}

const callFunction = manyOp({
  doc: 'The results of a function, as one node.',
  internal: true,
  params,
  gradFn: (args) => args.fn.gradFn,
  meta: () => [],
  run: () => undefined,
  vjp: {
    operands({ g, fn, operands }) {
      const wanted = operands.map((x, i) => i >= fn.inert && x.requiresGrad);
      const gradients = g.filter((each) => each !== null);
      if (!wanted.includes(true) || gradients.length === 0) return operands.map(() => null);
      const given = g.map((each) => each !== null);
      const { interpreter } = gradients[0] as Value;
      const found = callAsNode(new Vjp(fn, wanted, given), [...operands, ...gradients], interpreter);
      let next = 0;
      return wanted.map((each) => (each ? (found[next++] as Value) : null));
    },
  },
});

/** Calls of more nodes than this stay calls in a static graph. */
const MAX_INLINED = 2000;

export const functionOps = {
  _call_function: {
    ...raw(callFunction, (args, rt) => {
      const { fn, operands } = args as unknown as CallArgs;
      fn.describe(operands, rt.interpreter);
      // Each result is a tensor of its own, even where it is an operand: it will have this node.
      return run(args as unknown as CallArgs, rt.interpreter).map((out) =>
        rt.view(out as Tensor, (out as Tensor).layout),
      );
    }),
    meta: () => null,
    inlined: (args) => {
      const { fn, operands } = args as unknown as CallArgs;
      return fn.nodes(operands) <= MAX_INLINED;
    },
    describe: (args, interpreter) =>
      (args as unknown as CallArgs).fn.describe((args as unknown as CallArgs).operands, interpreter),
  },
} satisfies Record<string, Op>;
