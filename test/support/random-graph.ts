import fc from 'fast-check';
import {
  type DType,
  type Engine,
  GraddError,
  graphProgram,
  isFloat,
  type NodeSpec,
  type Tensor,
} from '../../src/engine/index.ts';
import { type Data, put, random } from './engine.ts';
import { templates } from './random-nodes.ts';

/** What a generated graph may be like. */
export interface Kinds {
  /** NaN, infinities and signed zeros among the leaves. */
  special?: boolean;
  /** Leaves of every dtype, not only float64. */
  mixed?: boolean;
  /** Nodes that cannot be computed stay in the graph. */
  faulty?: boolean;
  /** Sizes of the dimensions, and how many there are. */
  sizes?: readonly number[];
  rank?: number;
  /** Whether a node may have shapes that depend on values, or ask for values. */
  dynamic?: boolean;
}

export type LeafData = Data & { requiresGrad: boolean };

export interface RandomGraph {
  nodes: NodeSpec[];
  leaves: Record<string, LeafData>;
  /** Names of nodes whose result is a tensor or several, as references. */
  references: string[];
  /** References whose element-wise work is exact whatever the order of summing. */
  differentiable: string[];
}

/** The random choices that a graph is made of; shrinks to fewer nodes. */
export interface Choices {
  seed: number;
  steps: number[][];
}

export const choices = (maxLength = 20): fc.Arbitrary<Choices> =>
  fc.record({
    seed: fc.nat(100_000),
    steps: fc.array(fc.array(fc.nat(9999), { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength }),
  });

/** A tensor of the graph that is being made. */
export interface Known {
  readonly ref: string;
  readonly tensor: Tensor;
}

const usualSizes = [1, 2, 3, 3, 2, 4, 5, 1, 17];
const dtypes: DType[] = ['float64', 'float64', 'float32', 'float64', 'int64', 'bool', 'float32', 'int32'];
const wild = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e300, 5e-324, -1];

/** Leaves whose shapes broadcast with each other: parts of one base shape. */
export function randomLeaves(
  seed: number,
  { mixed, special, sizes = usualSizes, rank = 3 }: Kinds,
): Record<string, LeafData> {
  const next = random(seed);
  const base = Array.from({ length: rank }, () =>
    next() < 0.03 ? 0 : (sizes[Math.floor(next() * sizes.length)] as number),
  );
  const shapes = Array.from({ length: 6 }, () => {
    const shape = base.slice(Math.floor(next() * (rank + 0.6)));
    return shape.map((size) => (next() < 0.2 ? 1 : size));
  });
  shapes[0] = base.slice(1);
  return Object.fromEntries(
    shapes.map((shape, i) => {
      const dtype = mixed && i > 0 ? (dtypes[Math.floor(next() * dtypes.length)] as DType) : 'float64';
      const requiresGrad = isFloat(dtype) && next() < 0.8;
      return [`x${i}`, { ...randomData(dtype, shape, next, special), requiresGrad }];
    }),
  );
}

export function randomData(
  dtype: DType,
  shape: readonly number[],
  next: () => number,
  special = false,
): Data {
  const numel = shape.reduce((a, b) => a * b, 1);
  return { dtype, shape, data: Array.from({ length: numel }, () => element(dtype, next, special)) };
}

function element(dtype: DType, next: () => number, special: boolean): number | boolean {
  if (dtype === 'bool') return next() < 0.5;
  if (!isFloat(dtype)) return Math.floor(next() * 7) - 2;
  if (special && next() < 0.3) return wild[Math.floor(next() * wild.length)] as number;
  const value = next() < 0.2 ? Math.floor(4 * next()) : 4 * next() - 2;
  return dtype === 'float32' ? Math.fround(value) : value;
}

/** Other numbers of the same shapes and dtypes. */
export function otherValues(leaves: Record<string, LeafData>, seed: number, special = false) {
  const next = random(seed);
  return Object.fromEntries(
    Object.entries(leaves).map(([name, leaf]) => [
      name,
      { ...leaf, ...randomData(leaf.dtype, leaf.shape, next, special) },
    ]),
  );
}

/** Makes a graph node by node, each computed at once, so that the shapes of all that went before are known. */
export function randomGraph(engine: Engine, { seed, steps }: Choices, kinds: Kinds = {}): RandomGraph {
  const leaves = randomLeaves(seed, kinds);
  engine.begin({ dtype: 'float64' });
  const tensors = new Map(
    Object.entries(leaves).map(([name, leaf]) => [name, engine.leaf(put(engine, leaf), leaf.requiresGrad)]),
  );
  const known: Known[] = [...tensors].map(([ref, tensor]) => ({ ref, tensor }));
  const nodes: NodeSpec[] = [];
  steps.forEach((step, i) => {
    const node = { name: `n${i}`, ...grow(step, known, kinds) };
    const found = attempt(engine, node, known);
    if (found === null && !kinds.faulty) return;
    nodes.push(node);
    known.push(...(found ?? []));
  });
  const made = known.slice(tensors.size);
  return {
    nodes,
    leaves,
    references: made.map(({ ref }) => ref),
    differentiable: made.filter(({ tensor }) => tensor.requiresGrad).map(({ ref }) => ref),
  };
}

/** The results of a node, or null where it cannot be computed. */
function attempt(engine: Engine, node: NodeSpec, known: readonly Known[]): Known[] | null {
  const names = new Map<string, Tensor>();
  for (const { ref, tensor } of known) names.set(stem(ref), tensor);
  const spec = { nodes: [{ ...node, inputs: node.inputs?.map(stemmed) }] };
  try {
    const program = graphProgram(spec, names.keys(), { maxNodes: 10, maxDepth: 8 });
    const { outputs } = engine.evaluate(program, names, { backward: false });
    return [...outputs].filter(([, t]) => t.numel < 20_000).map(([ref, tensor]) => ({ ref, tensor }));
  } catch (error) {
    if (error instanceof GraddError) return null;
    throw error;
  }
}

/** A part of a node has a name of its own while the graph is made. */
const stem = (ref: string): string => ref.replace('.', '_');

function stemmed(input: unknown): unknown {
  if (typeof input === 'string') return stem(input);
  return Array.isArray(input) ? input.map(stemmed) : input;
}

function grow(
  [pick, i, j, k, r, s]: number[],
  known: readonly Known[],
  kinds: Kinds,
): Omit<NodeSpec, 'name'> {
  const late = (n: number): Known => {
    const from = n % 3 === 0 ? 0 : Math.max(0, known.length - 8);
    return known[from + (n % (known.length - from))] as Known;
  };
  const usable = templates.filter(({ dynamic }) => kinds.dynamic || !dynamic);
  const { make } = usable[(pick as number) % usable.length] as (typeof templates)[number];
  return make({
    a: late(i as number),
    b: late(j as number),
    c: late(k as number),
    r: r as number,
    s: s as number,
  });
}
