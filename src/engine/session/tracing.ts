import type { Eager } from '../autograd/eager.ts';
import { GraddError } from '../errors.ts';
import { NeedsValues } from '../graph/static/record.ts';
import type { Op } from '../ops/define.ts';
import { Body } from '../ops/function.ts';
import { type DType, isFloat, type Scalar } from '../tensor/dtype.ts';
import { contiguousLayout, isDense, type Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';
import type { Outcome } from './calls.ts';
import { FunctionalSession } from './functional.ts';
import type { GradOptions } from './gradients.ts';
import { chosen, type InPlace } from './inplace.ts';
import type { GradMode } from './present.ts';
import type { Tensors } from './tensors.ts';
import { filledArgs, type Locate, Slot, type Step, type Traced, TracedBody } from './traced-body.ts';
import { Variable } from './variable.ts';

/** Functions within functions: each takes a part of the stack when it runs. */
const MAX_DEPTH = 16;
/** What a function does is kept as long as the graph is. */
const MAX_STEPS = 20_000;

const refuse = (message: string, hint?: string): never => {
  throw new GraddError('invalid-argument', message, hint === undefined ? {} : { hint });
};

const VALUES = 'A function given to control flow depends here on the values of its tensors';
const VALUES_HINT =
  'It is called once, without values, to see what it does: use torch.where, torch.cond or torch.while_loop in it, or a Python condition around the call.';

/** What stands for a tensor of a function that has ended. */
const gone = new Proxy({} as Tensor, {
  get(): never {
    const message =
      'A tensor of a function given to control flow is used after the function has ended; what it is to give must be among its results';
    throw new GraddError('invalid-argument', message);
  },
});

// What is to be done again: made here, so that nothing else of the session is kept with it.

type Run = Step['run'];
type Lists = [Variable[], Variable[], (Variable | null)[]];

const calls =
  (op: Op, slots: NamedArgs): Run =>
  (session, fill) =>
    session.call(op, filledArgs(slots, fill));
const callsInPlace =
  (operation: InPlace, slots: NamedArgs): Run =>
  (session, fill) =>
    session.callInPlace(operation, filledArgs(slots, fill));
const makes =
  (data: Scalar | ArrayLike<Scalar>, shape: Shape | undefined, dtype: DType): Run =>
  (session) =>
    session.variable(data, shape, dtype);
const setsRequiresGrad =
  (slot: Slot, requiresGrad: boolean): Run =>
  (session, fill) =>
    session.setRequiresGrad(fill(slot) as unknown as Variable, requiresGrad);
const detaches =
  (slot: Slot): Run =>
  (session, fill) =>
    session.detachInPlace(fill(slot) as unknown as Variable);
const readsData =
  (slot: Slot): Run =>
  (session, fill) =>
    session.dataOf(fill(slot) as unknown as Variable);
const setsData =
  (slot: Slot, from: Slot): Run =>
  (session, fill) => {
    session.setData(fill(slot) as unknown as Variable, fill(from) as unknown as Variable);
    return undefined;
  };
const differentiates =
  (slots: Lists, options: GradOptions): Run =>
  (session, fill) =>
    session.grad(fill(slots[0]), fill(slots[1]), fill(slots[2]), options);

/** What a function is called with, as far as that is known before it runs. */
export interface Given {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly requiresGrad: boolean;
  /** Where its order in memory is to be the same. */
  readonly like?: Variable;
}

/**
 * The session of a function that is called once to see what it does: all that it does is noted down, and the tensors of
 * the program around it that it reads become inputs of their own.
 */
class TracingSession extends FunctionalSession {
  readonly steps: Step[] = [];
  readonly used = new Set<number>();
  /** Tensors of the program around the function, and what they are within. */
  readonly captured = new Map<Variable, Variable>();
  differentiates = false;
  depth = 1;
  private readonly locate: () => Locate;
  private readonly slots = new Map<Variable, number>();
  private readonly inputs = new Set<Variable>();
  private within = 0;
  private ended = false;

  constructor(eager: Eager, mode: GradMode, locate: () => Locate) {
    super(eager);
    this.locate = locate;
    this.gradMode = mode;
  }

  get slotCount(): number {
    return this.slots.size;
  }

  slotOf(variable: Variable): number {
    let slot = this.slots.get(variable);
    if (slot === undefined) {
      slot = this.slots.size;
      this.slots.set(variable, slot);
    }
    return slot;
  }

  /** A tensor that the function is given. */
  input({ dtype, shape, requiresGrad, like }: Given): Variable {
    const known = like?.held.layout;
    const layout = known !== undefined && isDense(known) ? known : contiguousLayout(shape);
    const t = this.rt.emptyLike(dtype, layout);
    const variable = this.adopt(this.eager.leaf(t, requiresGrad && isFloat(dtype)));
    this.inputs.add(variable);
    this.slotOf(variable);
    return variable;
  }

  /** A variable of this session: one of the program around it is made an input. */
  local(variable: Variable): Variable {
    if (variable.session === this) return variable;
    let own = this.captured.get(variable);
    if (own === undefined) {
      const { dtype, shape, requiresGrad } = variable;
      own = this.input({ dtype, shape, requiresGrad, like: variable });
      this.captured.set(variable, own);
    }
    return own;
  }

  /** Takes all tensors out of the reach of whoever still has them. */
  end(): void {
    this.ended = true;
    for (const variable of this.slots.keys()) variable.held = gone;
  }

  private slot(variable: Variable): Slot {
    const slot = this.slotOf(variable);
    this.used.add(slot);
    return new Slot(slot);
  }

  /** An argument with own variables alone, and one with slots in their place. */
  private taken(arg: unknown): [unknown, unknown] {
    if (arg instanceof Variable) {
      const own = this.local(arg);
      return [own, this.slot(own)];
    }
    if (!Array.isArray(arg)) return [arg, arg];
    const pairs = arg.map((each) => this.taken(each));
    return [pairs.map(([own]) => own), pairs.map(([, slot]) => slot)];
  }

  private takenArgs(args: NamedArgs): [NamedArgs, NamedArgs] {
    const own: NamedArgs = {};
    const slots: NamedArgs = {};
    for (const name of Object.keys(args)) {
      const arg = args[name];
      if (arg instanceof TracedBody) this.holds(arg);
      if (arg instanceof Body) this.differentiates ||= arg.differentiates;
      [own[name], slots[name]] = this.taken(arg);
    }
    return [own, slots];
  }

  private holds({ depth }: TracedBody): void {
    this.depth = Math.max(this.depth, depth + 1);
    if (this.depth <= MAX_DEPTH) return;
    const message = `Functions given to control flow are nested ${this.depth} deep; the limit is ${MAX_DEPTH}`;
    throw new GraddError('limit-exceeded', message);
  }

  /** Notes down how to do again what is done now. */
  private note<T extends Outcome | undefined>(run: Step['run'], now: () => T): T {
    if (this.ended) throw gone.dtype;
    if (this.within > 0) return now();
    if (this.steps.length >= MAX_STEPS) {
      const message = `A function given to control flow calls more than ${MAX_STEPS} operations, which is the limit`;
      throw new GraddError('limit-exceeded', message);
    }
    const { gradEnabled } = this;
    this.within++;
    try {
      const found = this.known(now);
      const list: readonly (Variable | null)[] =
        found === undefined ? [] : Array.isArray(found) ? found : [found as Variable];
      const outs = list.map((each) => (each === null ? -1 : this.slotOf(each)));
      this.steps.push({ run, outs, quiet: !gradEnabled, locate: this.locate() });
      return found;
    } finally {
      this.within--;
    }
  }

  private known<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof NeedsValues) return refuse(VALUES, VALUES_HINT);
      throw error;
    }
  }

  private refuseInput(variable: Variable): void {
    if (variable.session !== this || this.inputs.has(variable)) this.refuseMutation();
  }

  private refuseMutation(): never {
    return refuse(
      'Encountered input mutation during higher order op tracing: a function given to control flow changes a tensor in place that it did not make',
      'Change a clone() of it, and return that.',
    );
  }

  // Operations

  override call(op: Op, args: NamedArgs): Outcome {
    refuseRandom(op, args);
    if (op.name === 'autograd.grad') this.differentiates = true;
    const [own, slots] = this.takenArgs(args);
    return this.note(calls(op, slots), () => super.call(op, own));
  }

  override callInPlace(operation: InPlace, args: NamedArgs): Variable {
    const op = chosen(operation, args);
    refuseRandom(op, args);
    const self = args[op.order[0] as string];
    if (self instanceof Variable) this.refuseInput(self);
    const [own, slots] = this.takenArgs(args);
    const found = this.note(callsInPlace(operation, slots), () => super.callInPlace(operation, own));
    for (const input of this.inputs) if (super.versionOf(input) > 0) this.refuseMutation();
    return found;
  }

  override variable(data: Scalar | ArrayLike<Scalar>, shape?: Shape, dtype?: DType): Variable {
    const own = dtype ?? this.defaultDType;
    return this.note(makes(data, shape, own), () => super.variable(data, shape, own));
  }

  override setRequiresGrad(variable: Variable, requiresGrad: boolean): Variable {
    if (this.local(variable).requiresGrad === requiresGrad) return variable;
    this.refuseInput(variable);
    this.differentiates = true;
    const slot = this.slot(variable);
    return this.note(setsRequiresGrad(slot, requiresGrad), () =>
      super.setRequiresGrad(variable, requiresGrad),
    );
  }

  override detachInPlace(variable: Variable): Variable {
    this.refuseInput(variable);
    const slot = this.slot(variable);
    return this.note(detaches(slot), () => super.detachInPlace(variable));
  }

  override dataOf(variable: Variable): Variable {
    const own = this.local(variable);
    const slot = this.slot(own);
    return this.note(readsData(slot), () => super.dataOf(own));
  }

  override setData(variable: Variable, data: Variable): void {
    this.refuseInput(variable);
    const own = this.local(data);
    const [slot, from] = [this.slot(variable), this.slot(own)];
    this.note(setsData(slot, from), () => {
      super.setData(variable, own);
      return undefined;
    });
  }

  override grad(
    outputs: readonly Variable[],
    inputs: readonly Variable[],
    gradOutputs: readonly (Variable | null)[],
    options: GradOptions = {},
  ): (Variable | null)[] {
    this.differentiates = true;
    const lists = [outputs, inputs, gradOutputs].map((list) => this.taken(list));
    const own = lists.map(([each]) => each) as Lists;
    const slots = lists.map(([, each]) => each) as Lists;
    return this.note(differentiates(slots, options), () => super.grad(own[0], own[1], own[2], options));
  }

  // What a function may only read

  override tensorOf(variable: Variable): Tensor {
    if (this.ended) return gone;
    return super.tensorOf(this.local(variable));
  }

  override versionOf(variable: Variable): number {
    return super.versionOf(this.local(variable));
  }

  override sharesMemory(a: Variable, b: Variable): boolean {
    return super.sharesMemory(this.local(a), this.local(b));
  }

  override item(variable: Variable): Scalar {
    return this.known(() => super.item(variable));
  }

  override truth(variable: Variable): boolean {
    return this.known(() => super.truth(variable));
  }

  override reader(variable: Variable): (index: number) => Scalar {
    const read = this.known(() => super.reader(variable));
    return (index) => this.known(() => read(index));
  }

  // What has no place in it

  override backward(): void {
    refuse(
      'A function given to control flow calls backward()',
      'Use torch.autograd.grad in it, or call backward() on its results.',
    );
  }

  override custom(): Variable[] {
    return refuse('A function given to control flow uses an autograd.Function');
  }

  override retainGrad(): void {
    refuse('A function given to control flow calls retain_grad()');
  }

  override setGrad(): void {
    refuse('A function given to control flow sets the grad of a tensor');
  }

  override manualSeed(): void {
    refuse('A function given to control flow sets the seed of random numbers');
  }

  override get generatorState(): Uint8Array {
    return refuse('A function given to control flow reads the state of random numbers');
  }

  override set generatorState(_state: Uint8Array) {
    refuse('A function given to control flow sets the state of random numbers');
  }

  override get defaultDType(): DType {
    return super.defaultDType;
  }

  override set defaultDType(_dtype: DType) {
    refuse('A function given to control flow sets the default dtype');
  }
}

/** The backward pass does again what functions do, which must then be the same. */
function refuseRandom(op: Op, args: NamedArgs): void {
  if (!op.stateful?.({ ...op.blank, ...args })) return;
  refuse(
    `${op.name} draws random numbers, which functions given to control flow cannot; draw them outside and pass them on`,
  );
}

export interface TraceOptions {
  readonly given: readonly Given[];
  /** What says of an error where the program is now. */
  readonly locate: () => Locate;
}

/**
 * Calls a function once, without values, to see what it does.
 *
 * @param outer the session that goes on
 * @param body runs the function in a session of its own; its `results` are the function's
 * @throws GraddError `invalid-argument` where it does what cannot be done again
 */
export function traceFunction<T extends { readonly results: readonly Variable[] }>(
  outer: Tensors,
  { given, locate }: TraceOptions,
  body: (session: Tensors, variables: readonly Variable[]) => T,
): { traced: Traced; found: T } {
  const { sketch } = outer.eager;
  if (sketch === undefined) throw new Error('nothing records functions here');
  const done = sketch([], (_, recorder) => {
    const eager = recorder as Eager;
    return eager.withGrad(outer.gradEnabled, () => {
      const session = new TracingSession(eager, outer.gradMode, locate);
      try {
        const inputs = given.map((each) => session.input(each));
        const found = body(session, inputs);
        return { traced: traced(session, inputs, found.results), found };
      } finally {
        session.end();
      }
    });
  });
  return done ?? refuse(VALUES, VALUES_HINT);
}

function traced(session: TracingSession, inputs: readonly Variable[], results: readonly Variable[]): Traced {
  const own = results.map((each) => session.local(each));
  const slots = own.map((each) => session.slotOf(each));
  const metas = own.map((each) => session.tensorOf(each)).map(({ dtype, shape }) => ({ dtype, shape }));
  const { steps, differentiates, depth } = session;
  return {
    steps,
    slots: session.slotCount,
    used: new Set([...session.used, ...slots]),
    inputs: inputs.map((each) => session.slotOf(each)),
    captured: new Map([...session.captured].map(([outer, each]) => [outer, session.slotOf(each)])),
    results: slots,
    metas,
    differentiates,
    depth,
  };
}
