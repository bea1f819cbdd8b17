import type { Op } from '../ops/define.ts';
import { table } from '../ops/index.ts';
import { facts } from '../tensor/dtype.ts';
import { numelOf, type Shape, sameShape } from '../tensor/layout.ts';
import type { GradNode, Tensor } from '../tensor/tensor.ts';
import { creationOf } from './calls.ts';
import { type FunctionalSession, refuseTracing } from './functional.ts';
import { Variable } from './variable.ts';

const strided = table.get('_strided') as Op;
const plainPut = table.get('_strided_put') as Op;

/** A part of a tensor written anew, under PyTorch's name for a base one of whose views was written to. */
const put: Op = { ...plainPut, gradFnName: () => 'CopySlices' };

/** Where a variable lies in its memory, in elements. */
interface Place {
  readonly size: Shape;
  readonly stride: Shape;
  readonly offset: number;
}

const placeOf = ({ shape, layout, storage }: Tensor): Place => ({
  size: shape,
  stride: layout.strides,
  offset: storage.offset,
});

/** What variables share that PyTorch keeps in one place: `whole` is its present value, and that of what began it. */
interface Memory {
  /** How often it was written to in a way that a backward pass takes notice of. */
  version: number;
  /** How often it was written to at all. */
  changes: number;
  whole: Variable;
}

/** The versions of a memory when a tensor was in it and by now, and the node that made what is there now. */
export interface Overwritten {
  readonly saved: number;
  readonly present: number;
  readonly node: GradNode | null;
}

/** A memory, and its version when a tensor was in it. */
interface Origin {
  readonly memory: Memory;
  readonly version: number;
}

/** Bytes between two memories: addresses that programs see are counted, since there are none. */
const APART = 2 ** 32;

/** The same numbers apart from the graph of the whole, as `detach()` and `.data` are, and all views of that. */
interface Alias {
  /** What the views are of. */
  whole: Variable;
  readonly place: Place;
  /** How often it was written to by what its graph has. */
  recorded: number;
}

/** Where a variable is. */
interface Seat {
  memory: Memory;
  place: Place;
  /** The changes of the memory that the variable's tensor has in it. */
  seen: number;
  /** The version of the memory that the variable's place in the graph is of. */
  version: number;
  alias: Alias | null;
  /** The writes to the alias that the variable's place in the graph is of. */
  recorded: number;
  /** Nobody takes notice of what is written through it: `.data`. */
  silent: boolean;
}

/** Which variables of a functional session lie in one memory, and what they are once one of them was written to. */
export class Memories {
  private readonly session: FunctionalSession;
  /** What tensors were when a variable was them, so that a reverse walk can tell that it was written to since. */
  private origins: WeakMap<Tensor, Origin> | null = null;

  private readonly addresses = new Map<Memory, number>();

  constructor(session: FunctionalSession) {
    this.session = session;
  }

  /** A variable that shares its memory with none, and was not written to, has no seat yet. */
  private seatOf(variable: Variable): Seat {
    if (variable.seat === null) this.sit(variable, { version: 0, changes: 0, whole: variable }, null);
    return variable.seat as Seat;
  }

  private sit(variable: Variable, memory: Memory, alias: Alias | null, silent = false): Variable {
    const place = placeOf(variable.held);
    const { changes: seen, version } = memory;
    variable.seat = { memory, place, seen, version, alias, recorded: alias?.recorded ?? 0, silent };
    this.note(variable.held, memory);
    return variable;
  }

  private note(t: Tensor, memory: Memory): Tensor {
    // Made when it is needed: weak maps cost the garbage collection of each run.
    this.origins ??= new WeakMap();
    this.origins.set(t, { memory, version: memory.version });
    return t;
  }

  /** What was written over since a variable was a tensor: null where nothing was, or no variable was it. */
  overwritten(t: Tensor): Overwritten | null {
    const origin = this.origins?.get(t);
    if (origin === undefined || origin.version === origin.memory.version) return null;
    const { whole, version: present } = origin.memory;
    return { saved: origin.version, present, node: whole.held.isLeaf ? null : whole.held.node };
  }

  versionOf(variable: Variable): number {
    return this.seatOf(variable).memory.version;
  }

  /** A number that is the same for what begins at the same place. */
  addressOf(variable: Variable): number {
    const { memory, place } = this.seatOf(variable);
    const known = this.addresses.get(memory) ?? APART * (this.addresses.size + 1);
    this.addresses.set(memory, known);
    return known + place.offset * facts[variable.dtype].size;
  }

  share(a: Variable, b: Variable): boolean {
    return this.seatOf(a).memory === this.seatOf(b).memory;
  }

  /** The result of an operation: an operand itself, a view of one, or something new. */
  result(t: Tensor, op: Op, operands: readonly Variable[]): Variable {
    let source: Variable | null = null;
    for (const operand of operands) {
      if (operand.session !== this.session) continue;
      if (operand.held === t) return operand;
      if (source === null && inOneMemory(operand.held, t)) source = operand;
    }
    if (source === null || t.wrapped) return this.session.fresh(t);
    if (op.name === 'detach') return this.alias(source, t, false);
    const { memory, alias, silent } = this.seatOf(source);
    const view = this.sit(new Variable(this.session, t), memory, alias, silent);
    view.base = source.base ?? source;
    view.creation = creationOf(this.session.gradMode, op, source);
    return view;
  }

  /** The same numbers as another variable has, apart from its graph. */
  alias(source: Variable, t: Tensor, silent: boolean): Variable {
    const seat = this.seatOf(source);
    return this.sitApart(new Variable(this.session, t), seat.memory, silent || seat.silent);
  }

  /** As `sit`, apart from the graph of the whole. */
  private sitApart(variable: Variable, memory: Memory, silent = false): Variable {
    return this.sit(
      variable,
      memory,
      { whole: variable, place: placeOf(variable.held), recorded: 0 },
      silent,
    );
  }

  /** What a variable is at the moment. */
  present(variable: Variable): Tensor {
    const seat = variable.seat as Seat | null;
    if (seat === null || seat.seen === seat.memory.changes) return variable.held;
    const { memory, place, alias } = seat;
    seat.seen = memory.changes;
    const { eager } = this.session;
    if (alias !== null && seat.recorded !== alias.recorded) {
      seat.recorded = alias.recorded;
      variable.held = eager.withGrad(true, () => this.part(this.headOf(alias), within(alias, place)));
    } else if (alias !== null || seat.version === memory.version) {
      const seen = eager.quietly(() => this.part(memory.whole.held, place));
      variable.held = this.placed(seen, variable.held);
    } else variable.held = eager.withGrad(true, () => this.part(memory.whole.held, place));
    seat.version = memory.version;
    return this.note(variable.held, memory);
  }

  /** An alias as the places within it are counted. */
  private headOf({ whole }: Alias): Tensor {
    const t = this.present(whole);
    const { rt } = this.session;
    return t.isContiguous && t.storage.offset === 0 ? t : this.placed(rt.copy(t, true), t);
  }

  private part(whole: Tensor, place: Place): Tensor {
    const all =
      place.offset === 0 && sameShape(whole.shape, place.size) && whole.isContiguous && dense(place);
    // In the graph a view is none of what it is a view of: of a leaf it would be the leaf.
    if (all && !(whole.requiresGrad && this.session.eager.gradEnabled)) return this.placed(whole, whole);
    return this.session.eager.invoke(strided, { self: this.straight(whole), ...place }) as Tensor;
  }

  /** A whole as the places in it are counted. */
  private straight(whole: Tensor): Tensor {
    if (whole.isContiguous && whole.storage.offset === 0) return whole;
    return refuseTracing(
      'A view is written to whose memory is not contiguous, which cannot be traced',
      'Write to a clone(), or make the tensor contiguous() first.',
    );
  }

  /** A variable is about to be another tensor: what it was is remembered. */
  settle(variable: Variable): void {
    this.seatOf(variable);
  }

  /** From now on a variable is a leaf of its own, whatever it was a view of. */
  detach(variable: Variable): void {
    const { memory, alias, silent } = this.seatOf(variable);
    if (memory.whole !== variable && alias?.whole !== variable) this.sitApart(variable, memory, silent);
    else this.note(variable.held, memory);
  }

  /** A tensor apart from the variable that it is, so that it stays what it is whatever is written. */
  kept(t: Tensor): Tensor {
    return this.placed(t, t);
  }

  /** Some numbers at the place in the graph that a tensor has. */
  private placed(value: Tensor, at: Tensor): Tensor {
    const out = this.session.rt.view(value, value.layout);
    out.node = at.node;
    out.outputNr = at.outputNr;
    out.requiresGrad = at.requiresGrad;
    return out;
  }

  /**
   * Writes over all elements of a variable.
   *
   * @param value of its shape and dtype
   * @param recorded whether what wrote it is in the graph, where the variable then is too
   */
  write(variable: Variable, value: Tensor, recorded: boolean): void {
    const before = this.present(variable);
    const seat = this.seatOf(variable);
    const { memory } = seat;
    const { whole } = memory;
    if (variable === whole) variable.held = recorded ? value : this.placed(value, before);
    else if (seat.alias !== null) {
      const { alias } = seat;
      if (recorded && alias.whole !== variable) {
        const place = within(alias, seat.place);
        alias.whole.held = this.scattered(this.headOf(alias), value, place);
        variable.held = this.part(alias.whole.held, place);
        this.spread(whole, value, seat.place);
      } else variable.held = this.placed(this.spread(whole, value, seat.place), recorded ? value : before);
      if (recorded) seat.recorded = ++alias.recorded;
    } else if (recorded) {
      whole.held = this.scattered(whole.held, value, seat.place);
      variable.held = this.part(whole.held, seat.place);
    } else {
      variable.held = this.placed(this.spread(whole, value, seat.place), before);
    }
    memory.changes++;
    if (!seat.silent) memory.version++;
    this.uptodate(variable);
    this.uptodate(whole);
    if (recorded && seat.alias !== null) this.uptodate(seat.alias.whole);
  }

  /** Writes a part of a whole, its place in the graph apart; the part as it lies there, where views of it are. */
  private spread(whole: Variable, value: Tensor, place: Place): Tensor {
    return this.session.eager.quietly(() => {
      whole.held = this.placed(this.scattered(whole.held, value, place), whole.held);
      return this.part(whole.held, place);
    });
  }

  private uptodate(variable: Variable): void {
    const seat = this.seatOf(variable);
    const { memory } = seat;
    seat.seen = memory.changes;
    seat.version = memory.version;
    seat.recorded = seat.alias?.recorded ?? 0;
    this.note(variable.held, memory);
  }

  private scattered(whole: Tensor, src: Tensor, place: Place): Tensor {
    return this.session.eager.invoke(put, { self: this.kept(this.straight(whole)), src, ...place }) as Tensor;
  }

  /** From now on a variable is its elements seen otherwise. */
  reshape(variable: Variable, seen: Tensor): void {
    this.leave(variable);
    variable.held = seen;
    this.seatOf(variable).place = placeOf(seen);
  }

  /** Another variable stands in for one that other variables are views of. */
  private leave(variable: Variable): void {
    const { memory, alias, silent } = this.seatOf(variable);
    if (memory.whole !== variable && alias?.whole !== variable) return;
    const whole = this.sit(new Variable(this.session, variable.held), memory, alias, silent);
    if (alias === null) memory.whole = whole;
    else alias.whole = whole;
  }

  /** `.data = …`: the memory of another, at the same place in the graph. */
  become(variable: Variable, data: Variable): void {
    const from = this.session.tensorOf(data);
    const before = this.present(variable);
    this.leave(variable);
    variable.base = null;
    variable.held = this.placed(from, before);
    this.sitApart(variable, this.seatOf(data).memory);
  }
}

const dense = ({ size, stride }: Place): boolean => {
  let expected = 1;
  for (let d = size.length - 1; d >= 0; d--) {
    if (size[d] !== 1 && stride[d] !== expected) return false;
    expected *= size[d] as number;
  }
  return numelOf(size) > 0;
};

/** A place in a memory as one in an alias of it. */
function within({ place: whole }: Alias, place: Place): Place {
  if (dense(whole)) return { ...place, offset: place.offset - whole.offset };
  return refuseTracing(
    'A view of a detached tensor is written to whose memory is not contiguous, which cannot be traced',
    'Write to a clone(), or make the tensor contiguous() first.',
  );
}

/** Whether one tensor is a view of what another is a view of. */
function inOneMemory(a: Tensor, b: Tensor): boolean {
  return a.memory === b.memory;
}
