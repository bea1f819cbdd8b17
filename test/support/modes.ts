import {
  type Engine,
  type ErrorCode,
  type Evaluation,
  type Fault,
  factsOf,
  GraddError,
  type GraphSpec,
  type Tensor,
} from '../../src/engine/index.ts';
import { type Data, put, random, take } from './engine.ts';
import { type LeafData, type RandomGraph, randomData } from './random-graph.ts';
import { begin, programOf } from './static-graph.ts';

/** What is asked of an engine. */
export interface Ask {
  graph: GraphSpec;
  leaves: Record<string, LeafData>;
  outputs?: readonly string[] | undefined;
  backward?: boolean | Record<string, Data | null> | undefined;
  retainGrad?: readonly string[] | undefined;
}

/** What came of it: all that a client could see. */
export interface Seen {
  outputs: Record<string, Data>;
  gradients: Record<string, Data | null> | null;
  requiresGrad: Record<string, boolean>;
  facts: unknown;
  trace: string | null;
}

export interface Complaint {
  code: ErrorCode;
  message: string;
  faults: Fault[];
  hint: string | undefined;
}

export type Answer = { seen: Seen } | { complaint: Complaint };

/** Runs a graph, compiled where there is a key. */
export function answer(engine: Engine, ask: Ask, key?: string): Answer {
  return complaining(() => {
    const leaves = begin(engine, ask.leaves);
    const program = programOf(ask.graph, ask.leaves);
    const compiled = key === undefined ? undefined : { key };
    const found = engine.evaluate(program, leaves, {
      outputs: ask.outputs,
      retainGrad: ask.retainGrad,
      backward: rootsOf(engine, ask.backward),
      compiled,
    });
    return seen(engine, found);
  });
}

/** A request for some results of a graph and gradients from some of them. */
export function askOf(
  engine: Engine,
  { nodes, leaves, references, differentiable }: RandomGraph,
  seed: number,
): Ask {
  const next = random(seed);
  const some = (list: readonly string[], share: number) => list.filter(() => next() < share);
  const outputs = [...some(references, 0.5), ...some(Object.keys(leaves), 0.1)];
  const retainGrad = some(differentiable, 0.3);
  const roots = some(differentiable, 0.4);
  const graph = { nodes };
  if (roots.length === 0)
    return { graph, leaves, outputs, retainGrad, backward: next() < 0.5 ? false : undefined };
  const want = answer(engine, { graph, leaves, outputs: roots, backward: false });
  if (!('seen' in want)) return { graph, leaves, outputs, retainGrad };
  const given = ({ dtype, shape }: Data) =>
    shape.length === 0 && next() < 0.5 ? null : randomData(dtype, shape, next);
  const backward = Object.fromEntries(
    Object.entries(want.seen.outputs).map(([name, data]) => [name, given(data)]),
  );
  return { graph, leaves, outputs, retainGrad, backward };
}

/** The given gradients of an evaluation as tensors. */
export const rootsOf = (engine: Engine, backward: Ask['backward']) =>
  typeof backward === 'object'
    ? new Map(Object.entries(backward).map(([name, data]) => [name, data && put(engine, data)]))
    : backward;

export function complaining(run: () => Seen): Answer {
  try {
    return { seen: run() };
  } catch (error) {
    if (!(error instanceof GraddError)) throw error;
    const { code, message, faults, hint } = error;
    return { complaint: { code, message, faults, hint } };
  }
}

/** What a client sees of an evaluation. */
export function seen(engine: Engine, { outputs, gradients, tensors, trace }: Evaluation): Seen {
  const read = ([name, t]: readonly [string, Tensor | null]) => [name, t && take(engine, t)] as const;
  return {
    outputs: Object.fromEntries([...outputs].map(read)) as Record<string, Data>,
    gradients: gradients && Object.fromEntries([...gradients].map(read)),
    requiresGrad: Object.fromEntries([...outputs].map(([name, t]) => [name, t.requiresGrad])),
    facts: [...tensors].map(([name, t]) => [name, factsOf(t)]),
    trace: trace?.toText() ?? null,
  };
}

type Tolerance = (dtype: string) => number;
const usual: Tolerance = (dtype) => (dtype === 'float32' ? 1e-5 : 1e-12);

/** Where two lists of numbers differ by more than a share of the largest of them that is finite. */
function differs(
  got: Data,
  want: Data,
  slack: readonly number[] | null,
  tolerance: Tolerance,
): string | null {
  if (got.dtype !== want.dtype || `${got.shape}` !== `${want.shape}`)
    return `${got.dtype}[${got.shape}] instead of ${want.dtype}[${want.shape}]`;
  const relative = tolerance(want.dtype);
  for (const [i, x] of got.data.entries()) {
    const [a, b] = [Number(x), Number(want.data[i])];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const allowed = relative * Math.max(Math.abs(a), Math.abs(b)) + (slack?.[i] ?? 0);
    if (!(Math.abs(a - b) <= allowed)) return `[${i}] is ${a} instead of ${b}`;
  }
  return null;
}

/** How far each number moves where the leaves move by their last digits: what no mode can promise. */
export type Slack = (kind: 'outputs' | 'gradients', name: string) => number[] | null;

/** Every difference between two answers, in words. */
export function differences(
  got: Answer,
  want: Answer,
  slack: Slack = () => null,
  tolerance = usual,
): string[] {
  if ('complaint' in got || 'complaint' in want)
    return JSON.stringify(got) === JSON.stringify(want) ? [] : [`${brief(got)} instead of ${brief(want)}`];
  const found: string[] = [];
  const [a, b] = [got.seen, want.seen];
  for (const what of ['requiresGrad', 'facts', 'trace'] as const)
    if (JSON.stringify(a[what]) !== JSON.stringify(b[what]))
      found.push(`${what}: ${JSON.stringify(a[what])} instead of ${JSON.stringify(b[what])}`);
  for (const kind of ['outputs', 'gradients'] as const) {
    const names = [Object.keys(a[kind] ?? {}).join(), Object.keys(b[kind] ?? {}).join()];
    if (names[0] !== names[1] || !a[kind] !== !b[kind])
      found.push(`${kind}: ${names[0]} instead of ${names[1]}`);
    for (const [name, data] of Object.entries(b[kind] ?? {})) {
      const mine = a[kind]?.[name] ?? null;
      if (mine === null || data === null) {
        if (mine !== data) found.push(`${kind}.${name}: null in one mode only`);
        continue;
      }
      const why = differs(mine, data, slack(kind, name), tolerance);
      if (why !== null) found.push(`${kind}.${name} ${why}`);
    }
  }
  return found;
}

const brief = (each: Answer): string => ('complaint' in each ? JSON.stringify(each.complaint) : 'an answer');

/** How far results move where every number that is given is moved by its last digits: what rounding may do. */
export function slackOf<A extends Ask>(run: (ask: A) => Answer, ask: A, want: Answer): Slack {
  const digit = JSON.stringify(ask).includes('"float32"') ? 2 ** -23 : 2 ** -52;
  const steps = [digit, -digit, 2 * digit];
  const moved = steps.map((step) => run(nudgedAsk(ask, step)));
  return (kind, name) => {
    const at = 'seen' in want ? want.seen[kind]?.[name] : null;
    if (!at) return null;
    return at.data.map((x, i) => {
      const distances = moved.map((each) => {
        const other = 'seen' in each ? each.seen[kind]?.[name]?.data[i] : undefined;
        const distance = Math.abs(Number(other) - Number(x));
        return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
      });
      return 64 * Math.max(...distances, digit, digit * Math.abs(Number(x)) || 0);
    });
  };
}

function nudgedAsk<A extends Ask>(ask: A, step: number): A {
  const leaves = Object.entries(ask.leaves).map(([name, leaf]) => [name, nudged(leaf, step)]);
  const { backward } = ask;
  const given = (map: Record<string, Data | null>) =>
    Object.entries(map).map(([name, data]) => [name, data && nudged(data, step)]);
  return {
    ...ask,
    leaves: Object.fromEntries(leaves),
    backward: typeof backward === 'object' ? Object.fromEntries(given(backward)) : backward,
  };
}

function nudged<T extends Data>(each: T, step: number): T {
  if (!each.dtype.startsWith('float')) return each;
  const data = each.data.map((x, i) => Number(x) * (1 + step * Math.cos(2 * i)));
  return { ...each, data };
}
