import type { Runtime } from '../../ops/runtime.ts';
import { type DType, facts, type Scalar } from '../../tensor/dtype.ts';
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

/** Runs an elementwise instruction or a copy on one element, which all the others equal. */
function oneElement(rt: Runtime, instr: Extract<Instr, { kind: 'elementwise' | 'copy' }>): Scalar {
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
  if (instr.kind === 'reduce') return uniformSum(instr);
  if ((instr.kind !== 'elementwise' && instr.kind !== 'copy') || hasEffect(instr)) return undefined;
  return instr.operands.every((view) => uniformOf(view) !== undefined) ? oneElement(rt, instr) : undefined;
}

/** Whole numbers up to this are sums of whole numbers in whatever order. */
const exactUpTo = (dtype: DType): number => (dtype === 'float32' ? 2 ** 24 : 2 ** 53);

/** The sum of equal elements, where it is exact; that of negative zeros depends on how they are summed. */
function uniformSum({ kernel, operands, out }: Extract<Instr, { kind: 'reduce' }>): Scalar | undefined {
  const [view] = operands as [View];
  const value = uniformOf(view);
  const count = view.layout.numel / out.layout.numel;
  if (kernel !== 'sum' || value === undefined || !(count >= 1)) return undefined;
  if (typeof value === 'bigint') return valueAs(out.dtype, value * BigInt(count));
  const total = Number(value) * count;
  const exact = Number.isInteger(Number(value)) && Math.abs(total) <= exactUpTo(out.dtype);
  return exact && !Object.is(total, -0) ? valueAs(out.dtype, total) : undefined;
}

const known = ({ buffer: { source } }: View): boolean =>
  source.kind === 'uniform' ||
  source.kind === 'data' ||
  (source.kind === 'input' && source.bytes !== undefined);

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

const canCompute = (instr: Instr): boolean =>
  !hasEffect(instr) && operandsOf(instr).every(known) && small(instr);

function computeNow(rt: Runtime, run: Interpretation, instr: Instr): void {
  const before = resultsOf(instr).map(({ buffer }): [Buffer, number] => [buffer, run.addressOf(buffer)]);
  runInstr(rt, instr, run.at);
  for (const [buffer, ptr] of before) {
    const bytes = rt.arena.u8.slice(ptr, ptr + buffer.numel * facts[buffer.dtype].size);
    buffer.source = { kind: 'data', bytes };
  }
}
