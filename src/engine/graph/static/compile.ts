import type { Kernels } from '../../kernels/load.ts';
import type { Runtime } from '../../ops/runtime.ts';
import { emitLoops, type Loop, type Place } from '../emit/index.ts';
import { spellOutCasts } from './casts.ts';
import { costOf } from './cost.ts';
import { removeDead } from './dead.ts';
import { repeatedWork } from './dedupe.ts';
import { constantWork } from './fold.ts';
import type { Buffer, StaticGraph } from './ir.ts';
import { loopOf, sizeOf } from './loops.ts';
import { type Placement, place } from './memory.ts';
import { putOff } from './order.ts';
import { type Action, type Compiled, Plan } from './plan.ts';
import { type Report, Reporter } from './report.ts';
import { rewriteAll } from './rewrite.ts';
import { readsOf, schedule, type Unit, writesOf } from './schedule.ts';
import { algebra } from './simplify.ts';
import type { Recorded } from './symbolic.ts';
import { verify } from './verify.ts';

/** A graph brought into its final form, before there is code. */
export interface Prepared {
  readonly graph: StaticGraph;
  readonly units: readonly Unit[];
  readonly placement: Placement;
  readonly report: Report;
}

/**
 * Rewrites, fuses and places. One pass rewrites: each instruction is folded, simplified and looked up among those
 * before it with its operands in their final form, so that what one rule makes another can use.
 */
export function prepare({ graph }: Recorded, rt: Runtime): Prepared {
  const reporter = new Reporter(graph);
  verify(graph);
  spellOutCasts(graph);
  const mark = rt.arena.mark();
  rewriteAll(graph, [
    constantWork(rt, reporter.journal('fold constants')),
    algebra(reporter.journal('simplify')),
    repeatedWork(reporter.journal('remove repeated work')),
  ]);
  rt.arena.release(mark);
  removeDead(graph, reporter.journal('remove dead work'));
  putOff(graph, reporter.journal('order for little memory'));
  const report = reporter.finish(graph);
  const units = schedule(graph);
  return { graph, units, placement: place(graph, units), report };
}

/** Makes recorded instructions quick to run. */
export function compile(recorded: Recorded, kernels: Kernels, rt: Runtime): Plan {
  const { outputs, gradients, tensors, trace, stdout } = recorded;
  return new Plan({ outputs, gradients, tensors, trace, stdout }, generate(prepare(recorded, rt), kernels));
}

/** Buffers that a unit reads from memory, or that are results. */
function neededBuffers(graph: StaticGraph, units: readonly Unit[]): Set<Buffer> {
  const needed = new Set(graph.results.map(({ buffer }) => buffer));
  for (const unit of units) for (const { buffer } of readsOf(unit)) needed.add(buffer);
  return needed;
}

function generate(prepared: Prepared, kernels: Kernels): Compiled {
  const { graph, units, placement } = prepared;
  const needed = neededBuffers(graph, units);
  const slots: { buffer: Buffer; bytes: number }[] = [];
  const slotOf = new Map<string, number>();
  const placeOf = (buffer: Buffer, offset: number): Place => {
    const bytes = offset * sizeOf(buffer);
    const inside = placement.offsets.get(buffer);
    if (inside !== undefined) return { offset: inside + bytes };
    const key = `${buffer.id}+${bytes}`;
    const slot = slotOf.get(key) ?? slots.push({ buffer, bytes }) - 1;
    slotOf.set(key, slot);
    return { slot };
  };
  const loops: Loop[] = [];
  for (const unit of units)
    if (unit.kind === 'loop') loops.push(loopOf(unit, placeOf, (buffer) => needed.has(buffer)));
  const functions = loops.length > 0 ? emitLoops(loops, kernels) : [];
  return {
    actions: actionsOf(prepared, functions),
    inputs: graph.inputs.map(({ buffer }) => buffer),
    results: graph.results,
    offsets: offsetsOfSingles(prepared),
    bytes: placement.bytes,
    kept: placement.results,
    slots,
    cost: costOf(prepared),
  };
}

function actionsOf({ units, placement }: Prepared, functions: ReturnType<typeof emitLoops>): Action[] {
  const write = (buffer: Buffer): Action => ({ kind: 'write', buffer });
  const actions = placement.results.filter(({ source }) => source.kind !== 'computed').map(write);
  let loops = 0;
  units.forEach((unit, i) => {
    for (const buffer of placement.known[i] as readonly Buffer[]) actions.push(write(buffer));
    if (unit.kind === 'single') actions.push(unit);
    else {
      const elements = unit.layout.numel * (unit.members.length + unit.sums.length);
      actions.push({ kind: 'loop', fn: functions[loops++] as (typeof functions)[number], elements });
    }
  });
  return actions;
}

/** The places that are looked up by buffer; those of loops are in their code. */
function offsetsOfSingles({ graph, units, placement }: Prepared): Map<Buffer, number> {
  const { offsets, known } = placement;
  const used = new Map<Buffer, number>();
  const keep = (buffer: Buffer): void => {
    const offset = offsets.get(buffer);
    if (offset !== undefined) used.set(buffer, offset);
  };
  units.forEach((unit, i) => {
    (known[i] as readonly Buffer[]).forEach(keep);
    if (unit.kind === 'single') for (const { buffer } of [...readsOf(unit), ...writesOf(unit)]) keep(buffer);
  });
  for (const { buffer } of graph.results) keep(buffer);
  return used;
}
