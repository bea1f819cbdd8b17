/** `torch.cond`, `torch.while_loop`, `scan` and `map`: control flow that a graph can hold. */
import {
  type Given,
  GraddError,
  type Locate,
  type Op,
  type Traced,
  TracedBody,
  traceFunction,
  type Variable,
} from '../../engine/index.ts';
import {
  call as callPy,
  IndexError,
  isCallable,
  isNumber,
  itemsOf,
  machine,
  nameOfType,
  native,
  type Py,
  PyList,
  PyTuple,
  RuntimeError,
  raise,
  repr,
  str,
  truth,
  valueError,
} from '../program/host.ts';
import { opNamed } from './invoke.ts';
import { flatten, type TreeSpec } from './pytree.ts';
import { run, TorchRun, within } from './run.ts';
import { PyTensor, wrap } from './tensor.ts';

const invalid = (message: string): unknown => raise(RuntimeError, message);

/** Steps that count for an operation which is noted down: it is kept, and done again. */
const STEPS_OF_CALL = 10;

/** The place of the program in which errors of what is done now are later. */
function locate(): Locate {
  machine.spend(STEPS_OF_CALL);
  return machine.locator();
}

/** A function of the program that was called once. */
interface Called {
  readonly traced: Traced;
  readonly results: readonly Variable[];
  readonly spec: TreeSpec;
}

/** Takes a result of a function for a tensor. */
type Take = (value: Py) => Variable;

const tensorResult =
  (what: string): Take =>
  (value) => {
    if (value instanceof PyTensor) return value.variable;
    const type = nameOfType(value);
    throw invalid(
      `${what}: HigherOrderOperator body's output must consist of tensors only but got <class '${type}'>.`,
    );
  };

/** A result of a loop, where ints count as tensors. */
const carriedResult: Take = (value) =>
  typeof value === 'bigint'
    ? run.session.variable(value, [], 'int64')
    : tensorResult('torch.while_loop')(value);

/**
 * Calls a function once, without values, to see what it does.
 *
 * @param body the call, with a tensor for each of `given`
 */
function called(given: readonly Given[], take: Take, body: (tensors: readonly Py[]) => Py): Called {
  const { machine: m, printOptions } = run;
  const printed = machine.out.length;
  const { traced, found } = traceFunction(run.session, { given, locate }, (session, variables) => {
    const inner = new TorchRun(session);
    inner.machine = m;
    inner.printOptions = printOptions;
    return within(inner, () => {
      const leaves: Py[] = [];
      const spec = flatten(body(variables.map(wrap)), leaves);
      return { results: leaves.map(take), spec };
    });
  });
  if (machine.out.length > printed) {
    machine.out.length = printed;
    const message =
      'A function given to control flow prints; it is called once, without values, to see what it does';
    throw new GraddError('invalid-argument', message);
  }
  return { traced, ...found };
}

const givenOf = (variable: Variable): Given => {
  const { dtype, shape, requiresGrad } = variable;
  return { dtype, shape, requiresGrad, like: variable };
};

/** Functions that share their inputs, those that they took from around them among these. */
function bodiesOf(functions: readonly Called[]): { bodies: TracedBody[]; captured: Variable[] } {
  const captured = [...new Set(functions.flatMap(({ traced }) => [...traced.captured.keys()]))];
  return { bodies: functions.map(({ traced }) => new TracedBody(traced, captured)), captured };
}

/** What an operation of control flow gives. */
function outcome(op: Op, args: Record<string, unknown>): Py[] {
  const found = run.session.call(op, args);
  return (Array.isArray(found) ? found : [found]).map((each) => each && wrap(each));
}

const ops = {
  cond: opNamed('cond'),
  whileLoop: opNamed('while_loop'),
  scan: opNamed('scan'),
  map: opNamed('map'),
};

function tensors(values: readonly Py[], otherwise: () => unknown): Variable[] {
  return values.map((value) => {
    if (value instanceof PyTensor) return value.variable;
    throw otherwise();
  });
}

const isSequence = (value: Py): value is PyTuple | PyList =>
  value instanceof PyTuple || value instanceof PyList;

const cond = native('cond(pred, true_fn, false_fn, operands=?)', (pred, yes, no, operands) => {
  const given = operands ?? new PyTuple([]);
  if (isNumber(pred as Py)) return callPy((truth(pred as Py) ? yes : no) as Py, [...itemsOf(given)], null);
  if (!(pred instanceof PyTensor))
    throw invalid(`Expected pred to be bool or tensor, but got ${str(pred as Py)}.`);
  if (!isCallable(yes as Py) || !isCallable(no as Py)) throw invalid('Expect both branches to be callable.');
  run.safePoint([pred, yes, no, given]);
  const leaves: Py[] = [];
  const spec = flatten(given, leaves);
  const refuse = (): unknown =>
    invalid(
      'Expect operands to be a tuple of possibly nested dict/list/tuple that only consists of tensor leaves, but got ' +
        `${repr(given)}.`,
    );
  if (!isSequence(given)) throw refuse();
  const variables = tensors(leaves, refuse);
  const metas = variables.map(givenOf);
  const branches = [yes, no].map((branch) =>
    called(metas, tensorResult('torch.cond'), (values) =>
      callPy(branch as Py, [...itemsOf(spec.build(values))], null),
    ),
  ) as [Called, Called];
  const [a, b] = branches.map((branch) => branch.spec.text()) as [string, string];
  if (a !== b)
    throw invalid(
      `Unmatched output spec from torch.cond branches: true branch tree_spec ${a} vs false branch tree_spec ${b}.`,
    );
  if (branches[0].results.length === 0) return branches[0].spec.build([]);
  const { bodies, captured } = bodiesOf(branches);
  const [true_fn, false_fn] = bodies;
  const found = outcome(ops.cond, {
    pred: pred.variable,
    true_fn,
    false_fn,
    operands: [...variables, ...captured],
  });
  return branches[0].spec.build(found);
});

/** Loops have no limit of their own here: that of the time ends them. */
const MAX_ITERATIONS = 1_000_000;

const whileLoop = native('while_loop(cond_fn, body_fn, carried_inputs)', (condition, body, carriedInputs) => {
  const given = carriedInputs as Py;
  if (!isCallable(condition as Py) || !isCallable(body as Py))
    throw invalid('Expect cond_fn and body_fn to be callable.');
  if (!isSequence(given))
    throw invalid(`carried_inputs must be a tuple or list but got <class '${nameOfType(given)}'>`);
  run.safePoint([condition, body, given]);
  const leaves: Py[] = [];
  const spec = flatten(given, leaves);
  const variables = leaves.map((value) => {
    if (value instanceof PyTensor) return value.variable;
    if (typeof value === 'bigint') return run.session.variable(value, [], 'int64');
    throw invalid(
      `Expect carried_inputs to be a tuple of possibly nested dict/list/tuple that only consists of tensor or int leaves, but got ${repr(given)}.`,
    );
  });
  const metas = variables.map(givenOf);
  const apply =
    (callee: Py) =>
    (values: readonly Py[]): Py =>
      callPy(callee, [...itemsOf(spec.build(values))], null);
  const test = called(metas, conditionResult, apply(condition as Py));
  if (test.results.length !== 1)
    throw invalid(
      `cond_fn must return a boolean scalar tensor or a boolean but got ${test.results.length} results`,
    );
  const next = called(metas, carriedResult, apply(body as Py));
  if (next.results.length !== variables.length)
    throw invalid(
      `Expected body_fn_output and carried_inputs to have same number of outputs but got ${next.results.length} and ${variables.length}`,
    );
  if (variables.length === 0) return next.spec.build([]);
  const { bodies, captured } = bodiesOf([test, next]);
  const found = outcome(ops.whileLoop, {
    cond_fn: bodies[0],
    body_fn: bodies[1],
    carried_inputs: variables,
    additional_inputs: captured,
    max_iterations: MAX_ITERATIONS,
  });
  return next.spec.build(found);
});

const conditionResult: Take = (value) => {
  if (value instanceof PyTensor) return value.variable;
  if (typeof value === 'boolean') return run.session.variable(value, [], 'bool');
  throw invalid(`cond_fn must return a boolean scalar tensor or a boolean but got ${repr(value)}`);
};

/** The place of a dimension, counted from the end where it is negative. */
function placeOfDim(dim: Py, ndim: number): number {
  if (typeof dim !== 'bigint') throw invalid(`Dim must be an int, but got <class '${nameOfType(dim)}'>`);
  const d = Number(dim < 0n ? dim + BigInt(ndim) : dim);
  if (d >= 0 && d < Math.max(ndim, 1)) return d;
  const range = `[${-Math.max(ndim, 1)}, ${Math.max(ndim, 1) - 1}]`;
  throw raise(IndexError, `Dimension out of range (expected to be in range of ${range}, but got ${dim})`);
}

/** What a slice of a tensor along a dimension is. */
const sliceOf = ({ dtype, shape, requiresGrad }: Variable, dim: number): Given => ({
  dtype,
  shape: shape.filter((_, d) => d !== dim),
  requiresGrad,
});

const scan = native(
  'scan(combine_fn, init, xs, *, dim=0, reverse=False)',
  (combine, init, xs, dim, reverse) => {
    const sliced: Py[] = [];
    const specXs = flatten(xs as Py, sliced);
    if (sliced.length === 0) return new PyTuple([init as Py, new PyList([])]);
    if (!isCallable(combine as Py))
      throw invalid(`Combine_fn must be a callable, but got ${repr(combine as Py)}`);
    if (typeof reverse !== 'boolean')
      throw invalid(`Reverse must be a bool, but got <class '${nameOfType(reverse as Py)}'>`);
    run.safePoint([combine, init, xs]);
    const carried: Py[] = [];
    const specInit = flatten(init as Py, carried);
    if (carried.length === 0) throw invalid('scan() operator requires init leaves.');
    const first = carried.find((each) => !(each instanceof PyTensor));
    const starts = tensors(carried, () =>
      invalid(`All init leaves must be a Tensor but got ${repr(first as Py)}`),
    );
    const other = sliced.find((each) => !(each instanceof PyTensor));
    const columns = tensors(sliced, () =>
      invalid(`All xs leaves must be a Tensor but got ${repr(other as Py)}`),
    );
    const d = placeOfDim(dim as Py, (columns[0] as Variable).shape.length);
    if (columns.some(({ shape }) => shape.length <= d || shape[d] === 0))
      throw invalid("All xs leaves must at least have 'dim' number of dimensions and scan dimension > 0");
    const given = [...starts.map(givenOf), ...columns.map((each) => sliceOf(each, d))];
    let specY: TreeSpec | undefined;
    const step = called(given, tensorResult('torch.scan'), (values) => {
      const carry = specInit.build(values.slice(0, starts.length));
      const slice = specXs.build(values.slice(starts.length));
      const found = itemsOf(callPy(combine as Py, [carry, slice], null));
      if (found.length !== 2)
        throw valueError(
          found.length < 2
            ? `not enough values to unpack (expected 2, got ${found.length})`
            : 'too many values to unpack (expected 2)',
        );
      const next: Py[] = [];
      flatten(found[0] as Py, next);
      if (next.length !== starts.length)
        throw invalid(
          `Expected init and carry to have same number of outputs but got ${starts.length} and ${next.length}`,
        );
      specY = flatten(found[1] as Py, []);
      return new PyTuple(found);
    });
    const { bodies, captured } = bodiesOf([step]);
    const found = outcome(ops.scan, {
      combine_fn: bodies[0],
      init: starts,
      xs: columns,
      dim: d,
      reverse,
      additional_inputs: captured,
    });
    const stacked = (specY as TreeSpec).build(found.slice(starts.length));
    return new PyTuple([specInit.build(found.slice(0, starts.length)), stacked]);
  },
);

const map = native('map(f, xs, *args)', (f, xs, rest) => {
  const mapped: Py[] = [];
  const specXs = flatten(xs as Py, mapped);
  const more: Py[] = [];
  const specArgs = flatten(new PyTuple([...(rest as unknown as Py[])]), more);
  const columns = tensors(mapped, () =>
    invalid(`Mapped xs can only consist of tensors. Got xs ${repr(new PyList(mapped))}.`),
  );
  if (columns.length === 0) throw invalid('Mapped xs must not be empty.');
  if (columns.some(({ shape }) => shape.length === 0))
    throw invalid('Mapped xs must have at least one dimension.');
  if (columns.some(({ shape }) => shape[0] === 0))
    throw invalid('Leading dimensions of mapped xs cannot be 0.');
  run.safePoint([f, xs, ...(rest as unknown as Py[])]);
  const tensorArgs = more.flatMap((each) => (each instanceof PyTensor ? [each.variable] : []));
  const given = [...columns.map((each) => sliceOf(each, 0)), ...tensorArgs.map(givenOf)];
  const step = called(given, tensorResult('torch.map'), (values) => {
    const slices = specXs.build(values.slice(0, columns.length));
    let next = columns.length;
    const args = more.map((each) => (each instanceof PyTensor ? (values[next++] as Py) : each));
    return callPy(f as Py, [slices, ...itemsOf(specArgs.build(args))], null);
  });
  if (step.results.length === 0) return step.spec.build([]);
  const { bodies, captured } = bodiesOf([step]);
  const found = outcome(ops.map, { f: bodies[0], xs: columns, args: [...tensorArgs, ...captured] });
  return step.spec.build(found);
});

/** The functions of `torch._higher_order_ops`; all of them are in `torch` too. */
export const controlEntries: [string, Py][] = [
  ['cond', cond],
  ['while_loop', whileLoop],
  ['scan', scan],
  ['map', map],
];
