import type { Engine, Evaluation } from '../../src/engine/index.ts';
import type { Data } from './engine.ts';
import {
  type Answer,
  type Ask,
  answer,
  type Complaint,
  complaining,
  rootsOf,
  type Seen,
  seen,
} from './modes.ts';
import type { LeafData } from './random-graph.ts';
import { begin, programOf } from './static-graph.ts';

/** Many rows: the leaves and given gradients named have a row for each, the first dimension. */
export interface BatchAsk extends Ask {
  rows: number;
  batched: readonly string[];
  batchedGradients: readonly string[];
  onError: 'fail' | 'skip';
  tileBytes?: number;
}

export type BatchAnswer = Answer & { failures: { row: number; complaint: Complaint }[] };

/** A batch all at once. */
export function batchAnswer(engine: Engine, ask: BatchAsk, key: string): BatchAnswer {
  const failures: BatchAnswer['failures'] = [];
  const found = complaining(() => {
    const leaves = begin(engine, ask.leaves);
    const program = programOf(ask.graph, ask.leaves);
    const { outputs, retainGrad, rows, onError, tileBytes } = ask;
    const all = engine.batch(program, leaves, {
      key,
      outputs,
      retainGrad,
      rows,
      onError,
      tileBytes,
      backward: rootsOf(engine, ask.backward),
      batched: new Set(ask.batched),
      batchedGradients: new Set(ask.batchedGradients),
    });
    for (const { row, error } of all.failures) {
      const { code, message, faults, hint } = error;
      failures.push({ row, complaint: { code, message, faults, hint } });
    }
    return seen(engine, all as Evaluation);
  });
  const [first] = failures;
  if (ask.onError === 'fail' && first !== undefined) return { complaint: first.complaint, failures: [] };
  return { ...found, failures };
}

function rowOf<T extends Data>(each: T, row: number): T {
  const shape = each.shape.slice(1);
  const numel = shape.reduce((a, b) => a * b, 1);
  return { ...each, shape, data: each.data.slice(row * numel, (row + 1) * numel) };
}

/** What is asked of one row. */
export function askOfRow(ask: BatchAsk, row: number): Ask {
  const { graph, outputs, retainGrad, backward, batched, batchedGradients } = ask;
  const leaves: Record<string, LeafData> = Object.fromEntries(
    Object.entries(ask.leaves).map(([name, leaf]) => [
      name,
      batched.includes(name) ? rowOf(leaf, row) : leaf,
    ]),
  );
  const given = (map: Record<string, Data | null>) =>
    Object.entries(map).map(([name, data]) => [
      name,
      data && batchedGradients.includes(name) ? rowOf(data, row) : data,
    ]);
  return {
    graph,
    leaves,
    outputs,
    retainGrad,
    backward: typeof backward === 'object' ? Object.fromEntries(given(backward)) : backward,
  };
}

/** The same batch row by row on the dynamic graph. */
export function loopAnswer(engine: Engine, ask: BatchAsk): BatchAnswer {
  const failures: BatchAnswer['failures'] = [];
  const good: Seen[] = [];
  const bound = complaining(() => {
    programOf(ask.graph, ask.leaves);
    return nothing;
  });
  if ('complaint' in bound) return { ...bound, failures };
  for (let row = 0; row < ask.rows; row++) {
    const found = answer(engine, askOfRow(ask, row));
    if ('seen' in found) good.push(found.seen);
    else if (ask.onError === 'fail') return { complaint: found.complaint, failures: [] };
    else failures.push({ row, complaint: found.complaint });
  }
  return { seen: stacked(good, ask), failures };
}

const nothing: Seen = { outputs: {}, gradients: {}, requiresGrad: {}, facts: [], trace: null };

function stacked(rows: readonly Seen[], { leaves, batched }: BatchAsk): Seen {
  const [first] = rows;
  if (first === undefined) return nothing;
  const shared = (name: string): boolean => name in leaves && !batched.includes(name);
  const outputs = Object.keys(first.outputs).map((name) => [
    name,
    stack(rows.map((row) => row.outputs[name] as Data)),
  ]);
  const gradients = Object.keys(first.gradients ?? {}).map((name) => {
    const each = rows.map((row) => row.gradients?.[name] ?? null);
    if (each.includes(null)) return [name, null];
    return [name, shared(name) ? total(each as Data[]) : stack(each as Data[])];
  });
  return {
    ...first,
    outputs: Object.fromEntries(outputs),
    gradients: first.gradients && Object.fromEntries(gradients),
  };
}

function stack(rows: readonly Data[]): Data {
  const [first] = rows as [Data];
  return { ...first, shape: [rows.length, ...first.shape], data: rows.flatMap(({ data }) => data) };
}

function total(rows: readonly Data[]): Data {
  const [first] = rows as [Data];
  const round = first.dtype === 'float32' ? Math.fround : Number;
  const data = first.data.map((_, i) => rows.reduce((sum, row) => round(sum + Number(row.data[i])), 0));
  return { ...first, data };
}
