import type { Runtime } from '../../ops/runtime.ts';
import { facts, type Scalar } from '../../tensor/dtype.ts';
import { contiguousLayout } from '../../tensor/layout.ts';
import { runInstr } from './execute.ts';
import { Interpretation } from './interpret.ts';
import {
  type Buffer,
  hasEffect,
  type Instr,
  operandsOf,
  resultsOf,
  type StaticGraph,
  uniformOf,
  View,
} from './ir.ts';
import { valueAs } from './record.ts';
import { type Journal, rewriteAll, type Visit } from './rewrite.ts';

/** Results larger than this are not kept with the graph. */
const MAX_BYTES = 2 ** 20;

const element = (view: View): View => new View(view.buffer, contiguousLayout([]), 0);

/** Runs an elementwise instruction on one element, which all the others equal. */
function oneElement(rt: Runtime, instr: Extract<Instr, { kind: 'elementwise' }>): Scalar {
  const mark = rt.arena.mark();
  const run = new Interpretation(rt, () => [], []);
  const out = element(instr.out);
  runInstr(rt, { ...instr, operands: instr.operands.map(element), out }, run.at);
  const value = rt.item(run.at(out));
  rt.arena.release(mark);
  return value;
}

/** What every element of the result is, where all operands are known and uniform. */
function uniformResult(rt: Runtime, instr: Instr): Scalar | undefined {
  if (instr.kind === 'copy') {
    const value = uniformOf(instr.operands[0] as View);
    return value === undefined ? undefined : valueAs(instr.out.dtype, value);
  }
  if (instr.kind === 'reduce') return uniformSum(instr);
  if (instr.kind !== 'elementwise' || hasEffect(instr)) return undefined;
  return instr.operands.every((view) => uniformOf(view) !== undefined) ? oneElement(rt, instr) : undefined;
}

/** The sum of equal elements, where it is exact. */
function uniformSum({ kernel, operands, out }: Extract<Instr, { kind: 'reduce' }>): Scalar | undefined {
  const [view] = operands as [View];
  const value = uniformOf(view);
  if (kernel !== 'sum' || value === undefined || out.layout.numel === 0) return undefined;
  const count = view.layout.numel / out.layout.numel;
  const total = valueAs(out.dtype, typeof value === 'bigint' ? value * BigInt(count) : Number(value) * count);
  return typeof total === 'bigint' || Number.isInteger(total) ? total : undefined;
}

const known = (view: View): boolean => view.buffer.source.kind === 'data' || uniformOf(view) !== undefined;

const small = (instr: Instr): boolean =>
  resultsOf(instr).every(({ buffer }) => buffer.numel * facts[buffer.dtype].size <= MAX_BYTES);

/** Computes what does not depend on the inputs now, once. */
export function constantWork(rt: Runtime, journal: Journal): Visit {
  const run = new Interpretation(rt, () => [], []);
  return (instr) => {
    const value = uniformResult(rt, instr);
    if (value !== undefined) {
      for (const { buffer } of resultsOf(instr)) buffer.source = { kind: 'uniform', value };
    } else if (canCompute(instr)) computeNow(rt, run, instr);
    else return instr;
    journal.note('it is constant');
    return null;
  };
}

export const foldConstants = (graph: StaticGraph, rt: Runtime, journal: Journal): void =>
  rewriteAll(graph, [constantWork(rt, journal)]);

function canCompute(instr: Instr): boolean {
  const operands = operandsOf(instr);
  return !hasEffect(instr) && operands.length > 0 && operands.every(known) && small(instr);
}

function computeNow(rt: Runtime, run: Interpretation, instr: Instr): void {
  const before = resultsOf(instr).map(({ buffer }): [Buffer, number] => [buffer, run.addressOf(buffer)]);
  runInstr(rt, instr, run.at);
  for (const [buffer, ptr] of before) {
    const bytes = rt.arena.u8.slice(ptr, ptr + buffer.numel * facts[buffer.dtype].size);
    buffer.source = { kind: 'data', bytes };
  }
}
