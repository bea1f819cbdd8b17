import { type DType, GraddError, suggestion, type Tensor } from '../../engine/index.ts';
import type { Evaluator } from '../evaluator.ts';
import type { Faults } from '../faults.ts';
import { readAll } from '../form.ts';
import type { ParsedTensor } from '../wire.ts';
import type { Input } from './definition.ts';
import type { Registered } from './registered.ts';
import { Dimensions } from './shapes.ts';

/** What a leaf of an evaluation must be like; of a node that is fed the shape may be any. */
export interface Expected {
  dtype: DType;
  shape: Input['shape'] | null;
  requiresGrad: boolean;
}

/** @throws GraddError `unknown-name` */
export function expectedOf({ definition, variants }: Registered, name: string): Expected {
  const input = definition.inputs.get(name);
  if (input !== undefined) return input;
  const constant = definition.constants.get(name);
  if (constant !== undefined) return { ...constant, requiresGrad: false };
  if (variants.isNode(name)) return { dtype: definition.dtype, shape: null, requiresGrad: true };
  const hint = suggestion(name, variants.names());
  throw new GraddError(
    'unknown-name',
    `The graph has no leaf or node "${name.slice(0, 100)}"`,
    hint ? { hint } : {},
  );
}

/** A value of a leaf whose dtype is right. */
export function parseLeaf(
  evaluator: Evaluator,
  value: unknown,
  path: readonly (string | number)[],
  { dtype, shape, requiresGrad }: Expected,
): ParsedTensor {
  const parsed = evaluator.parse(value, path, { dtype, leaf: requiresGrad });
  // A node that is fed may be of any dtype.
  if (shape !== null) checkDType(parsed.tensor.dtype, dtype, value, path);
  return parsed;
}

export function checkDType(
  found: DType,
  expected: DType,
  value: unknown,
  path: readonly (string | number)[],
): void {
  if (found === expected) return;
  const said = typeof value === 'object' && value !== null && 'dtype' in value;
  throw new GraddError('dtype-mismatch', `expected dtype ${expected}, got ${found}`, {
    path: said ? [...path, 'dtype'] : path,
  });
}

/** The constants of a graph that no leaf replaces, in the arena. */
export function* constantsOf(
  { engine, rt }: Evaluator,
  { definition }: Registered,
  given: Record<string, unknown>,
): Generator<[string, Tensor]> {
  for (const [name, { dtype, shape, bytes }] of definition.constants) {
    if (Object.hasOwn(given, name)) continue;
    const tensor = rt.empty(dtype, shape);
    rt.arena.u8.set(bytes, tensor.ptr);
    yield [name, engine.leaf(tensor, false)];
  }
}

/** The leaves of one evaluation: those given, in their order, then the constants. */
export function readLeaves(
  evaluator: Evaluator,
  graph: Registered,
  record: Record<string, unknown>,
  faults: Faults,
): Map<string, Tensor> {
  evaluator.checkCount(record, 'leaves');
  const dimensions = new Dimensions();
  const leaves = readAll(record, 'leaves', faults, (value, name) => {
    const path = ['leaves', name];
    const expected = expectedOf(graph, name);
    const { tensor, requiresGrad } = parseLeaf(evaluator, value, path, expected);
    if (expected.shape !== null) dimensions.check(name, expected.shape, tensor.shape, path);
    return evaluator.engine.leaf(tensor, requiresGrad);
  });
  for (const [name, tensor] of constantsOf(evaluator, graph, record)) leaves.set(name, tensor);
  return leaves;
}
