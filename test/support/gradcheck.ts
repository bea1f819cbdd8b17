import type { Engine, GraphSpec } from '../../src/engine/index.ts';
import { type Data, evaluate } from './engine.ts';

/** Half the distance of the central difference; its error is of the order of the square. */
const STEP = 1e-5;

export type Leaves = Record<string, Data & { requiresGrad: boolean }>;

/** Numbers in [-1, 1) with the shape of `like`. */
export const randomLike = ({ shape, data }: Data, next: () => number): Data => ({
  dtype: 'float64',
  shape,
  data: data.map(() => 2 * next() - 1),
});

const dot = (a: Data, b: Data): number =>
  a.data.reduce<number>((sum, x, i) => sum + Number(x) * Number(b.data[i]), 0);

/** The leaves moved along their directions. */
function moved(leaves: Leaves, directions: Record<string, Data>, step: number): Leaves {
  return Object.fromEntries(
    Object.entries(leaves).map(([name, leaf]) => {
      const along = directions[name];
      const data = along ? leaf.data.map((x, i) => Number(x) + step * Number(along.data[i])) : leaf.data;
      return [name, { ...leaf, data }];
    }),
  );
}

/**
 * The derivative along random directions for random cotangents of the outputs, from the backward pass and from a
 * central difference; null where no output requires grad.
 */
export function derivatives(engine: Engine, graph: GraphSpec, leaves: Leaves, next: () => number) {
  const forward = evaluate(engine, { graph, leaves, backward: false });
  const names = Object.keys(forward.outputs).filter((name) => forward.requiresGrad[name]);
  if (names.length === 0) return null;
  const cotangents = Object.fromEntries(
    names.map((name) => [name, randomLike(forward.outputs[name] as Data, next)]),
  );
  const { gradients } = evaluate(engine, { graph, leaves, backward: cotangents });
  const wanted = Object.entries(leaves).filter(([, leaf]) => leaf.requiresGrad);
  const directions = Object.fromEntries(wanted.map(([name, leaf]) => [name, randomLike(leaf, next)]));
  const analytical = wanted.reduce((sum, [name]) => {
    const g = gradients[name];
    return g ? sum + dot(g, directions[name] as Data) : sum;
  }, 0);
  const value = (step: number): number => {
    const { outputs } = evaluate(engine, { graph, leaves: moved(leaves, directions, step), backward: false });
    return names.reduce((sum, name) => sum + dot(outputs[name] as Data, cotangents[name] as Data), 0);
  };
  return { analytical, numerical: (value(STEP) - value(-STEP)) / (2 * STEP) };
}

/** The difference of the two, relative to their size where that is above one. */
export function gradientError(engine: Engine, graph: GraphSpec, leaves: Leaves, next: () => number): number {
  const found = derivatives(engine, graph, leaves, next);
  if (found === null) return 0;
  const { analytical, numerical } = found;
  return Math.abs(analytical - numerical) / Math.max(1, Math.abs(analytical), Math.abs(numerical));
}
