import { activationOps } from './activation.ts';
import { arrangementOps } from './arrangement.ts';
import { autogradOps } from './autograd.ts';
import { comparisonOps } from './comparison.ts';
import { controlOps } from './control.ts';
import { convolutionOps } from './convolution.ts';
import { creationOps } from './creation.ts';
import { decompositionOps } from './decomposition.ts';
import type { Op, Place } from './define.ts';
import { dtypeOps } from './dtype.ts';
import { indexingOps } from './indexing.ts';
import { layerOps } from './layers.ts';
import { linalgOps } from './linalg.ts';
import { lossOps } from './loss.ts';
import { movementOps } from './movement.ts';
import { orderingOps } from './ordering.ts';
import { pointwiseOps } from './pointwise.ts';
import { poolingOps } from './pooling.ts';
import { productOps } from './products.ts';
import { randomOps } from './random.ts';
import { reductionOps } from './reduction.ts';
import { scanOps } from './scan.ts';
import { specialOps } from './special.ts';

/** The families of operations: each by its canonical name, PyTorch's without `torch.`. */
const families: readonly Record<string, Op>[] = [
  activationOps,
  autogradOps,
  comparisonOps,
  controlOps,
  creationOps,
  dtypeOps,
  indexingOps,
  linalgOps,
  lossOps,
  movementOps,
  pointwiseOps,
  reductionOps,
  scanOps,
  decompositionOps,
  productOps,
  convolutionOps,
  poolingOps,
  layerOps,
  randomOps,
  orderingOps,
  arrangementOps,
  specialOps,
];

const FUNCTIONAL = 'nn.functional.';

function defaultPlaces(name: string): Place[] {
  return name.startsWith(FUNCTIONAL) ? ['F'] : name.includes('.') ? ['torch'] : ['torch', 'Tensor'];
}

/** What a node of the graph keeps beside the arguments: `Node` in autograd/graph.ts. */
const reserved = new Set(['op', 'g', 'out', 'visit', 'count']);

/** The table of operations. Keys are what rules and composites call; names and places are completed here. */
export const table: ReadonlyMap<string, Op> = completed();

function completed(): Map<string, Op> {
  const all = new Map<string, Op>();
  for (const [name, op] of families.flatMap((family) => Object.entries(family))) {
    if (all.has(name)) throw new Error(`the operation ${name} is in two families`);
    const taken = op.order.find((parameter) => reserved.has(parameter));
    if (taken !== undefined) throw new Error(`a parameter of ${name} may not be called ${taken}`);
    op.name = name;
    if (op.on.length === 0) op.on = defaultPlaces(name);
    all.set(name, op);
  }
  return all;
}

type Scope = Record<Place, Map<string, Op>>;

/** Public names by the place where PyTorch has them. */
const scopes: Scope = { torch: new Map(), Tensor: new Map(), F: new Map() };

/** An internal operation may still stand behind a public name, as the method `where` does. */
const publicNames = (op: Op): readonly string[] => (op.internal ? op.aliases : [op.name, ...op.aliases]);

function publish(op: Op, name: string): void {
  if (name.startsWith(FUNCTIONAL)) {
    scopes.F.set(name.slice(FUNCTIONAL.length), op);
    scopes.torch.set(name, op);
    return;
  }
  for (const place of op.on) if (place !== 'F') scopes[place].set(name, op);
  if (op.on.includes('F')) scopes.F.set(name, op);
}

for (const op of table.values()) for (const name of publicNames(op)) publish(op, name);

/** The operation that PyTorch has under `torch.name`, `Tensor.name` or `torch.nn.functional.name`. */
export function findIn(place: Place, name: string): Op | undefined {
  return scopes[place].get(name);
}

/**
 * The operation that a name means in a graph or a bare call: the torch function, else the Tensor method, else the
 * function of `nn.functional`; prefixes `torch.` and `F.` are understood.
 */
export function findOp(name: string): Op | undefined {
  if (name.startsWith('F.')) return findIn('F', name.slice(2));
  const bare = name.startsWith('torch.') ? name.slice('torch.'.length) : name;
  return findIn('torch', bare) ?? findIn('Tensor', bare) ?? findIn('F', bare);
}

/** The public operations, for the catalogue. */
export function publicOps(): Op[] {
  return [...table.values()].filter((op) => !op.internal);
}

/** Every public name that an operation goes by, for suggestions. */
export function* opNames(): Generator<string> {
  for (const place of Object.values(scopes)) yield* place.keys();
}
