import { GraddError } from '../errors.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { Cond, MapOver, Scan, WhileLoop } from './control-functions.ts';
import { composite, type Op } from './define.ts';
import { type Body, callAsNode, fn, functionOps } from './function.ts';
import { flag, int, kw, maybeTensorList, number, someTensors, spread, tensorList } from './params.ts';

/** No loop runs longer than this, whatever is asked for. */
const MAX_ITERATIONS = 1_000_000;
const DEFAULT_ITERATIONS = 10_000;

const invalid = (message: string): GraddError => new GraddError('invalid-argument', message);

/** Throws where a function has another number of inputs than it will be given. */
function checkInputs(name: string, body: Body, given: number): void {
  if (body.arity === given) return;
  const takes = `${body.arity} positional argument${body.arity === 1 ? '' : 's'}`;
  const message = `${name}() takes ${takes} but ${given} ${given === 1 ? 'was' : 'were'} given`;
  throw new GraddError('invalid-argument', message, { path: [...body.path, 'inputs'] });
}

/** A complaint about the number of results of a function. */
const wrongResults = (body: Body, message: string): GraddError =>
  new GraddError('invalid-argument', message, { path: [...body.path, 'outputs'] });

/** A function with one result gives a tensor, one with several a tuple. */
const oneOrAll = (results: Value[]): Value | Value[] =>
  results.length === 1 ? (results[0] as Value) : results;

/**
 * The operands that a branch reads, each once, with the predicate before them; PyTorch's tracer keeps no others and
 * puts those of both branches first. `slots` says for each input which of them it is.
 */
function readOperands(yes: Body, no: Body, pred: Value, operands: readonly Value[]) {
  const kept: Value[] = [pred];
  const places = new Map<Value, number>();
  const keep = (wanted: (i: number) => boolean | undefined): void => {
    operands.forEach((x, i) => {
      if (wanted(i) && !places.has(x)) places.set(x, kept.push(x) - 1);
    });
  };
  keep((i) => yes.uses[i] && no.uses[i]);
  keep((i) => yes.uses[i]);
  keep((i) => no.uses[i]);
  return { kept, slots: operands.map((x) => places.get(x) ?? 0) };
}

function checkPred(pred: Value): void {
  if (pred.numel === 1) return;
  const message = `Expected pred to be bool or single-element tensor, but got a tensor of shape [${pred.shape.join(', ')}].`;
  throw new GraddError('shape-mismatch', message);
}

/** The dimension that is scanned, with PyTorch's complaints about the tensors. */
function scannedDim(init: readonly Value[], xs: readonly Value[], dim: number): number {
  const d = normalizeDim(dim, (xs[0] as Value).ndim);
  if (init.length === 0) throw invalid('scan() operator requires init leaves.');
  if (xs.some((x) => x.ndim <= d || x.shape[d] === 0)) {
    throw new GraddError(
      'shape-mismatch',
      "All xs leaves must at least have 'dim' number of dimensions and scan dimension > 0",
    );
  }
  checkLengths('Scan dimensions of xs', xs, d);
  return d;
}

/** Slices are taken from all tensors at once. */
function checkLengths(what: string, xs: readonly Value[], d: number): void {
  const length = (xs[0] as Value).size(d);
  if (xs.some((x) => x.ndim <= d || x.size(d) !== length)) {
    const shapes = xs.map(({ shape }) => `torch.Size([${shape.join(', ')}])`).join(', ');
    throw new GraddError('shape-mismatch', `${what} must be consistent. Got shapes [${shapes}].`);
  }
  if (length <= MAX_ITERATIONS) return;
  const message = `There are ${length} slices to go over; the limit is ${MAX_ITERATIONS} iterations`;
  throw new GraddError('limit-exceeded', message);
}

function checkMapped(xs: readonly Value[]): void {
  if (xs.some((x) => x.ndim === 0)) {
    throw new GraddError('shape-mismatch', 'Mapped xs must have at least one dimension.');
  }
  if (xs.some((x) => x.shape[0] === 0)) {
    throw new GraddError('shape-mismatch', 'Leading dimensions of mapped xs cannot be 0.');
  }
  checkLengths('Leading dimensions of mapped xs', xs, 0);
}

function checkIterations(limit: number): void {
  if (limit < 0) throw invalid(`while_loop(): max_iterations must be non-negative, but got ${limit}`);
  if (limit <= MAX_ITERATIONS) return;
  const message = `while_loop(): max_iterations is ${limit}; the limit is ${MAX_ITERATIONS}`;
  throw new GraddError('limit-exceeded', message);
}

const moved = (x: Value, source: number, destination: number): Value =>
  x.apply('movedim', { self: x, source: [source], destination: [destination] });

/** Control flow: functions, written as graphs of their own, that are called as one node. */
export const controlOps = {
  ...functionOps,
  cond: composite({
    doc: 'The results of `true_fn` or of `false_fn` on the operands, as `pred` says; both give tensors of the same shapes and dtypes.',
    on: ['torch'],
    params: {
      pred: { ...number(), typeName: 'bool or Tensor' },
      true_fn: fn(),
      false_fn: fn(),
      operands: maybeTensorList(),
    },
    checkForm({ true_fn, false_fn, operands }) {
      checkInputs('true_fn', true_fn, operands.length);
      checkInputs('false_fn', false_fn, operands.length);
      if (true_fn.results === false_fn.results) return;
      const counts = `true_fn returns ${true_fn.results}, false_fn ${false_fn.results}`;
      throw wrongResults(false_fn, `Expected branches to return the same pytree structure: ${counts}`);
    },
    compose({ pred, true_fn, false_fn, operands }, context) {
      if (typeof pred !== 'object') return oneOrAll((pred ? true_fn : false_fn).apply(operands, context));
      checkPred(pred);
      const { kept, slots } = readOperands(true_fn, false_fn, pred, operands);
      return oneOrAll(callAsNode(new Cond(true_fn, false_fn, slots), kept, context));
    },
  }),
  while_loop: composite({
    doc: '`body_fn` applied to what it carries along, and to the additional inputs, while `cond_fn` of the same holds.',
    on: ['torch'],
    params: {
      cond_fn: fn(),
      body_fn: fn(),
      carried_inputs: tensorList(),
      additional_inputs: maybeTensorList(),
      max_iterations: kw(int(DEFAULT_ITERATIONS)),
    },
    checkForm({ cond_fn, body_fn, carried_inputs, additional_inputs, max_iterations }) {
      const given = carried_inputs.length + additional_inputs.length;
      checkInputs('cond_fn', cond_fn, given);
      checkInputs('body_fn', body_fn, given);
      checkIterations(max_iterations);
      if (cond_fn.results !== 1) {
        const message = `cond_fn must return a boolean scalar tensor or a boolean but got ${cond_fn.results} results`;
        throw wrongResults(cond_fn, message);
      }
      if (body_fn.results !== carried_inputs.length) {
        const counts = `${body_fn.results} and ${carried_inputs.length}`;
        const message = `Expected body_fn_output and carried_inputs to have same number of outputs but got ${counts}`;
        throw wrongResults(body_fn, message);
      }
    },
    compose({ cond_fn, body_fn, carried_inputs, additional_inputs, max_iterations }, context) {
      const loop = new WhileLoop(cond_fn, body_fn, carried_inputs.length, max_iterations);
      return callAsNode(loop, [...carried_inputs, ...additional_inputs], context);
    },
  }),
  scan: composite({
    doc: 'Goes along `dim` of `xs` with `combine_fn(*carry, *slices, *additional_inputs)`, which returns the next carry and what is stacked; gives the last carry and the stacks.',
    on: ['torch'],
    params: {
      combine_fn: fn(),
      init: someTensors(),
      xs: someTensors(),
      dim: kw(int(0)),
      reverse: kw(flag()),
      additional_inputs: kw(maybeTensorList()),
    },
    checkForm({ combine_fn, init, xs, additional_inputs }) {
      if (xs.length === 0) return;
      checkInputs('combine_fn', combine_fn, init.length + xs.length + additional_inputs.length);
      if (combine_fn.results >= init.length) return;
      const counts = `${init.length} and ${combine_fn.results}`;
      const message = `Expected init and carry to have same number of outputs but got ${counts}`;
      throw wrongResults(combine_fn, message);
    },
    compose({ combine_fn, init, xs, additional_inputs, dim, reverse }, context) {
      if (xs.length === 0) return init;
      const d = scannedDim(init, xs, dim);
      const first = d === 0 ? xs : xs.map((x) => moved(x, d, 0));
      const operands = [...init, ...(reverse ? first.map((x) => x.flip([0])) : first), ...additional_inputs];
      const found = callAsNode(new Scan(combine_fn, init.length, xs.length), operands, context);
      const ys = found.slice(init.length).map((y) => (reverse ? y.flip([0]) : y));
      return [...found.slice(0, init.length), ...ys.map((y) => (d > 0 && d < y.ndim ? moved(y, 0, d) : y))];
    },
  }),
  map: composite({
    doc: '`f(*slices, *args)` for every slice along the first dimension of `xs`, stacked.',
    on: ['torch'],
    params: { f: fn(), xs: someTensors(), args: spread(maybeTensorList()) },
    checkForm({ f, xs, args }) {
      if (xs.length === 0) throw invalid('Mapped xs must not be empty.');
      checkInputs('f', f, xs.length + args.length);
    },
    compose({ f, xs, args }, context) {
      checkMapped(xs);
      return oneOrAll(callAsNode(new MapOver(f, xs.length), [...xs, ...args], context));
    },
  }),
} satisfies Record<string, Op>;
