import { z } from 'zod';
import { GraddError, inJsonTerms, type Path } from '../errors.ts';
import type { NodeSpec } from './spec.ts';

/** A function as a client writes it: a graph with inputs of its own. */
export interface FunctionSpec {
  inputs: string[];
  nodes: NodeSpec[];
  outputs: string[];
}

/** Faults beyond this many are not looked for. */
const ENOUGH = 100;

const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'a name must match [A-Za-z_][A-Za-z0-9_]{0,63}');

/** A record whose names may be any, `__proto__` too; zod would lose that one. */
const attrs = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);

const node: z.ZodType<NodeSpec> = z.strictObject({
  name,
  op: z.string().min(1).max(200),
  inputs: z.array(z.unknown()).optional(),
  attrs: attrs.optional(),
});

const form = z.strictObject({
  inputs: z.array(z.unknown()),
  nodes: z.array(z.unknown()).optional(),
  outputs: z.array(z.unknown()).min(1, 'must not be empty').optional(),
});

type Fault = { path: Path; detail: string };

/** What zod complains of, each at its place. */
function faultsOf(schema: z.ZodType, value: unknown, path: Path): Fault[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...path, key], detail: `Unrecognized key: "${key}"` }))
      : [{ path: [...path, ...(issue.path as (string | number)[])], detail: inJsonTerms(issue.message) }],
  );
}

function* itemFaults(schema: z.ZodType, items: readonly unknown[], path: Path): Generator<Fault> {
  for (let i = 0; i < items.length; i++) yield* faultsOf(schema, items[i], [...path, i]);
}

function* allFaults(value: unknown, path: Path): Generator<Fault> {
  const around = faultsOf(form, value, path);
  yield* around;
  if (around.length > 0) return;
  const { inputs, nodes = [], outputs = [] } = value as z.infer<typeof form>;
  yield* itemFaults(name, inputs, [...path, 'inputs']);
  yield* itemFaults(node, nodes, [...path, 'nodes']);
  yield* itemFaults(z.string(), outputs, [...path, 'outputs']);
  if (nodes.length === 0 && outputs.length === 0) {
    yield { path: [...path, 'nodes'], detail: 'must not be empty where no outputs are named' };
  }
}

/**
 * Checks the form of a function; what it means is checked later.
 *
 * @throws GraddError `invalid-request`, with the path of each fault
 */
export function functionSpec(value: unknown, path: Path): FunctionSpec {
  const faults: Fault[] = [];
  for (const fault of allFaults(value, path)) if (faults.push(fault) >= ENOUGH) break;
  const [first] = faults;
  if (first !== undefined) throw new GraddError('invalid-request', first.detail, { faults });
  const { inputs, nodes = [], outputs } = value as Partial<FunctionSpec> & Pick<FunctionSpec, 'inputs'>;
  return { inputs, nodes, outputs: outputs ?? nodes.slice(-1).map((each) => each.name) };
}
