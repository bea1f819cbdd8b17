import { type Engine, type GraphSpec, graphProgram, type Tensor } from '../../src/engine/index.ts';
import { type DType, facts } from '../../src/engine/tensor/dtype.ts';

/** A small generator of random numbers with a seed (mulberry32), so that tests are the same each time. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Numbers (or booleans) with a shape: what tests keep across evaluations. */
export interface Data {
  dtype: DType;
  shape: readonly number[];
  data: (number | boolean)[];
}

/** A tensor of the running evaluation. */
export function put(engine: Engine, { dtype, shape, data }: Data): Tensor {
  const t = engine.rt.empty(dtype, shape);
  data.forEach((value, i) => {
    const scalar = dtype.startsWith('int') ? BigInt(value) : value;
    engine.rt.write(t.ptr + i * facts[dtype].size, dtype, scalar);
  });
  return t;
}

/** The numbers of a tensor. */
export function take(engine: Engine, t: Tensor): Data {
  const source = engine.rt.contiguous(t);
  const { size } = facts[t.dtype];
  const data = Array.from({ length: t.numel }, (_, i) => {
    const value = engine.rt.read(source.ptr + i * size, t.dtype);
    return typeof value === 'bigint' ? Number(value) : value;
  });
  return { dtype: t.dtype, shape: t.shape, data };
}

export interface Request {
  graph: GraphSpec;
  leaves: Record<string, Data & { requiresGrad: boolean }>;
  outputs?: string[];
  backward?: false | Record<string, Data>;
}

const limits = { maxNodes: 1_000_000, maxDepth: 64 };

/** Evaluates a graph; results are read before the next evaluation overwrites them. */
export function evaluate(engine: Engine, { graph, leaves, outputs, backward }: Request) {
  engine.begin({ dtype: 'float64', seed: 1 });
  const tensors = new Map(
    Object.entries(leaves).map(([name, leaf]) => [name, engine.leaf(put(engine, leaf), leaf.requiresGrad)]),
  );
  const roots =
    backward && new Map(Object.entries(backward).map(([name, data]) => [name, put(engine, data)]));
  const program = graphProgram(graph, tensors.keys(), limits);
  const result = engine.evaluate(program, tensors, { outputs, backward: roots });
  const read = ([name, t]: [string, Tensor | null]): [string, Data | null] => [name, t && take(engine, t)];
  return {
    outputs: Object.fromEntries([...result.outputs].map(read)) as Record<string, Data>,
    gradients: Object.fromEntries([...(result.gradients ?? [])].map(read)),
    requiresGrad: Object.fromEntries([...result.outputs].map(([name, t]) => [name, t.requiresGrad])),
    trace: result.trace,
  };
}
