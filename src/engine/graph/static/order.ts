import { type Buffer, hasEffect, type Instr, operandsOf, resultsOf, type StaticGraph } from './ir.ts';
import { bytesOf } from './memory.ts';
import type { Journal } from './rewrite.ts';

const bytes = (buffers: Iterable<Buffer>): number => {
  let sum = 0;
  for (const buffer of buffers) if (buffer.source.kind === 'computed') sum += bytesOf(buffer);
  return sum;
};

/** Whether it may be put off: what is pointwise stays where the loop is that it belongs to. */
const movable = (instr: Instr): boolean =>
  (instr.kind === 'copy' || instr.kind === 'call') && !hasEffect(instr);

/**
 * Puts off what takes more memory than it sets free until something needs it, so that less is in use at the same time.
 * Linear: one pass from the end finds the new places, one more puts everything there.
 */
export function putOff(graph: StaticGraph, journal: Journal): void {
  const { instrs, results } = graph;
  const lastRead = new Map<Buffer, number>();
  instrs.forEach((instr, i) => {
    for (const { buffer } of operandsOf(instr)) lastRead.set(buffer, i);
  });
  for (const { buffer } of results) lastRead.set(buffer, instrs.length);
  const firstUse = new Map<Buffer, number>();
  const slots: Instr[][] = instrs.map(() => []);
  let moved = 0;
  for (let i = instrs.length - 1; i >= 0; i--) {
    const instr = instrs[i] as Instr;
    const slot = movable(instr) ? slotFor(instr, i, firstUse, lastRead) : i;
    if (slot !== i) moved++;
    (slots[slot] as Instr[]).push(instr);
    for (const { buffer } of operandsOf(instr))
      firstUse.set(buffer, Math.min(slot, firstUse.get(buffer) ?? slot));
  }
  if (moved === 0) return;
  journal.note('it waits until it is needed', moved);
  graph.instrs = slots.flatMap((slot) => slot.reverse());
}

/** Where an instruction goes: before the first that reads its results, if putting it off saves memory. */
function slotFor(
  instr: Instr,
  at: number,
  firstUse: ReadonlyMap<Buffer, number>,
  lastRead: ReadonlyMap<Buffer, number>,
): number {
  const made = resultsOf(instr).map(({ buffer }) => buffer);
  const first = Math.min(...made.map((buffer) => firstUse.get(buffer) ?? Number.POSITIVE_INFINITY));
  if (first === Number.POSITIVE_INFINITY) return at;
  const freed = new Set(operandsOf(instr).map(({ buffer }) => buffer));
  for (const buffer of freed) if (lastRead.get(buffer) !== at) freed.delete(buffer);
  return bytes(made) > bytes(freed) ? first : at;
}
