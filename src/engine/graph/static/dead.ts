import { type Buffer, hasEffect, operandsOf, resultsOf, type StaticGraph } from './ir.ts';
import type { Journal } from './rewrite.ts';

/** Removes what nothing needs, unless it may complain. */
export function removeDead(graph: StaticGraph, journal: Journal): void {
  const needed = new Set<Buffer>(graph.results.map(({ buffer }) => buffer));
  const kept: boolean[] = [];
  for (let i = graph.instrs.length - 1; i >= 0; i--) {
    const instr = graph.instrs[i] as StaticGraph['instrs'][number];
    kept[i] = hasEffect(instr) || resultsOf(instr).some(({ buffer }) => needed.has(buffer));
    if (kept[i]) for (const { buffer } of operandsOf(instr)) needed.add(buffer);
    else journal.note('nothing needs it');
  }
  graph.instrs = graph.instrs.filter((_, i) => kept[i]);
}
