import { workOf } from '../../ops/work.ts';
import { facts } from '../../tensor/dtype.ts';
import type { Prepared } from './compile.ts';
import { type Buffer, type Instr, resultsOf, uniformOf, type View } from './ir.ts';
import { bytesOf } from './memory.ts';
import { readsOf, type Unit, writesOf } from './schedule.ts';

/** What a run costs, known before there are values. */
export interface Cost {
  /** Instructions that run. */
  readonly instructions: number;
  /** Floating-point operations; an elementary function counts as one. */
  readonly flops: number;
  /** Bytes read from memory and written to it. */
  readonly bytes: number;
  /** Bytes in use at the same time at most, inputs and results included. */
  readonly peak_memory: number;
}

const size = ({ layout, dtype }: View): number => layout.numel * facts[dtype].size;

/** Floating-point operations of an instruction. */
export function flopsOf(instr: Instr): number {
  const [out] = resultsOf(instr);
  if (out === undefined || instr.kind === 'copy') return 0;
  if (instr.kind === 'call') return Math.max(workOf(instr.op, instr.args), out.numel);
  if (instr.kind === 'reduce') return (instr.operands[0] as View).numel;
  return out.numel;
}

/** The instructions of a unit. */
export const instrsOf = (unit: Unit): readonly Instr[] =>
  unit.kind === 'single' ? [unit.instr] : [...unit.members, ...unit.sums];

/** Bytes that a unit reads and writes; what stays in registers does not count. */
export function trafficOf(unit: Unit, needed: (buffer: Buffer) => boolean): number {
  const read = readsOf(unit).filter((view) => unit.kind === 'single' || uniformOf(view) === undefined);
  const once = new Map(read.map((view) => [view.buffer, view]));
  const written = writesOf(unit).filter(({ buffer }) => unit.kind === 'single' || needed(buffer));
  return [...once.values(), ...written].reduce((sum, view) => sum + size(view), 0);
}

export function costOf({ graph, units, placement }: Prepared): Cost {
  const results = new Set(placement.results);
  const held = (buffer: Buffer): boolean => placement.offsets.has(buffer) || results.has(buffer);
  const outside = new Set([...graph.inputs.map(({ buffer }) => buffer), ...placement.results]);
  let [instructions, flops, bytes] = [0, 0, 0];
  for (const unit of units) {
    for (const instr of instrsOf(unit)) {
      instructions++;
      flops += flopsOf(instr);
    }
    bytes += trafficOf(unit, held);
  }
  const peak_memory = [...outside].reduce((sum, buffer) => sum + bytesOf(buffer), placement.bytes);
  return { instructions, flops, bytes, peak_memory };
}
