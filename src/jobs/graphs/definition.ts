import {
  type DType,
  GraddError,
  type GraphSpec,
  isFloat,
  type Program,
  type Shape,
  suggestion,
  type Tensor,
} from '../../engine/index.ts';
import type { Evaluator } from '../evaluator.ts';
import type { Faults } from '../faults.ts';
import { type Formed, formError, readAll } from '../form.ts';
import type { Source } from '../graph-program.ts';
import { NAME } from '../schema.ts';
import { bytesOf } from '../wire.ts';
import { type Bytes, keyOf } from './canonical.ts';
import { type DefinitionBody, inputSchema } from './schema.ts';

/** A leaf that each evaluation gives a value. Sizes may be names of dimensions. */
export interface Input {
  dtype: DType;
  shape: readonly (number | string)[];
  requiresGrad: boolean;
}

/** A leaf whose value is part of the graph. */
export interface Constant extends Bytes {
  dtype: DType;
  shape: Shape;
}

/** A static graph as it was registered, checked as far as that goes without compiling it. */
export interface Definition {
  expression: string | undefined;
  graph: GraphSpec | undefined;
  /** A program, or a function of one. */
  source: Source | undefined;
  dtype: DType;
  inputs: ReadonlyMap<string, Input>;
  constants: ReadonlyMap<string, Constant>;
  outputs: readonly string[] | undefined;
  /** As it was written. */
  backward: boolean | Record<string, unknown> | undefined;
  program: Program;
  /** Identifies the program, with its nodes in their order, and the constants, where it is compiled. */
  key: string;
}

/** The default dtype of a body: PyTorch's own in a program. */
export const defaultDType = ({ dtype, program }: Partial<DefinitionBody>): DType =>
  dtype ?? (program === undefined ? 'float64' : 'float32');

function sourceOf({ program, function: entry }: Partial<DefinitionBody>, faults: Faults): Source | undefined {
  if (program !== undefined) return { text: program, entry };
  if (entry !== undefined) {
    const message = '"function" names a function of "program", which is missing';
    faults.add(new GraddError('invalid-request', message, { path: ['function'] }));
  }
  return undefined;
}

const badName = (): GraddError =>
  new GraddError('invalid-request', 'a name must match [A-Za-z_][A-Za-z0-9_]{0,63}');

/** Dimensions with a name count as one element: how large they are is known with the leaves. */
function checkElements(shape: Input['shape'], limit: number, path: string[]): void {
  const count = shape.reduce<number>((product, size) => product * (typeof size === 'number' ? size : 1), 1);
  if (count <= limit) return;
  const message = `A tensor of ${count} elements exceeds the limit of ${limit} elements per tensor (MAX_ELEMENTS)`;
  throw new GraddError('limit-exceeded', message, { path });
}

function readInput(value: unknown, path: string[], dtype: DType, maxElements: number): Input {
  const { data, error } = inputSchema.safeParse(value);
  if (error !== undefined) throw formError(error, path);
  checkElements(data.shape, maxElements, [...path, 'shape']);
  const kind = data.dtype ?? dtype;
  if (data.requires_grad === true && !isFloat(kind)) {
    throw new GraddError('not-differentiable', 'only Tensors of floating point dtype can require gradients', {
      path: [...path, 'requires_grad'],
    });
  }
  return { dtype: kind, shape: data.shape, requiresGrad: data.requires_grad ?? isFloat(kind) };
}

/** The elements of a tensor apart from the arena. */
export function bytesIn(evaluator: Evaluator, tensor: Tensor): Constant {
  const { rt } = evaluator;
  const { dtype, shape, ptr, numel } = rt.contiguous(tensor);
  return { dtype, shape, bytes: rt.arena.u8.slice(ptr, ptr + numel * bytesOf[dtype]) };
}

function readConstant(evaluator: Evaluator, value: unknown, path: string[]): Constant {
  const { tensor, requiresGrad } = evaluator.parse(value, path, { leaf: false });
  if (!requiresGrad) return bytesIn(evaluator, tensor);
  throw new GraddError('invalid-request', 'a constant never requires grad', {
    path: [...path, 'requires_grad'],
  });
}

/** The names that outputs and gradients may start from. */
function checkReferences(
  { graph, outputs, backward }: Partial<DefinitionBody>,
  leaves: readonly string[],
  faults: Faults,
): void {
  const known = new Set([...leaves, ...(graph ? graph.nodes.map(({ name }) => name) : ['value'])]);
  const check = (reference: string, path: (string | number)[]): void => {
    const name = reference.split('.', 1)[0] as string;
    if (known.has(name)) return;
    const hint = suggestion(name, known);
    const message = `The name "${name}" is neither a leaf nor a node`;
    faults.add(new GraddError('unknown-name', message, { path, ...(hint && { hint }) }));
  };
  outputs?.forEach((name, i) => {
    check(name, ['outputs', i]);
  });
  if (typeof backward === 'object') for (const name of Object.keys(backward)) check(name, ['backward', name]);
}

/**
 * Reads a definition; the evaluation has begun with its dtype.
 *
 * @returns null where there are faults
 */
export function readDefinition(
  evaluator: Evaluator,
  { body, faulty }: Formed<DefinitionBody>,
  faults: Faults,
): Definition | null {
  const { inputs: given = {}, constants: fixed = {}, outputs, backward, expression } = body;
  const source = sourceOf(body, faults);
  const dtype = defaultDType(body);
  evaluator.checkCount(given, 'inputs');
  evaluator.checkCount(fixed, 'constants');
  const inputs = readAll(given, 'inputs', faults, (value, name) => {
    if (!NAME.test(name)) throw badName();
    return readInput(value, ['inputs', name], dtype, evaluator.budget.MAX_ELEMENTS);
  });
  const constants = readAll(fixed, 'constants', faults, (value, name) => {
    if (!NAME.test(name)) throw badName();
    if (Object.hasOwn(given, name))
      throw new GraddError('duplicate-name', `The name "${name}" is given twice: it is an input too`);
    return readConstant(evaluator, value, ['constants', name]);
  });
  const leaves = [...Object.keys(given), ...Object.keys(fixed)];
  // Without all leaves every other name of a graph would be unknown.
  const sound = !faulty.has('inputs') && !faulty.has('constants');
  const graph = sound ? body.graph : undefined;
  const program = evaluator.program({ expression, graph, source }, leaves, faults);
  if (program !== null && sound && source === undefined) checkReferences(body, leaves, faults);
  if (program === null || faults.found) return null;
  const key = keyOf({ expression, graph, source, constants });
  return { expression, graph, source, dtype, inputs, constants, outputs, backward, program, key };
}
