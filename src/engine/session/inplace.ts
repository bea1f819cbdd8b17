import type { Op, Place } from '../ops/define.ts';
import { findIn } from '../ops/index.ts';
import { Value } from '../tensor/value.ts';
import {
  comparisonNames,
  comparisonOps,
  functionalTwins,
  methodTwins,
  ownOps,
  reshaping,
} from './inplace-ops.ts';

/** An operation that writes its result over its first operand. */
export interface InPlace {
  /** With the underscore. */
  readonly name: string;
  /** What it computes. */
  readonly op: Op;
  /** The same under the name in place: how its arguments are bound. */
  readonly form: Op;
  /** It changes how the tensor is seen and writes nothing. */
  readonly reshapes: boolean;
  /** What it computes where its second operand is a tensor, if that is something else. */
  readonly withTensor?: Op;
}

const make = (name: string, op: Op): InPlace => ({
  name,
  op,
  form: { ...op, name },
  reshapes: reshaping.has(name),
});

const methods = new Map<string, InPlace>();
const functional = new Map<string, InPlace>();

for (const [name, twin] of methodTwins) {
  const op = findIn('Tensor', twin) ?? findIn('torch', twin) ?? findIn('F', twin);
  if (op === undefined) throw new Error(`no operation ${twin}`);
  methods.set(name, make(name, op));
}
for (const [name, op] of Object.entries(ownOps)) {
  op.name = name;
  methods.set(name, make(name, op));
}
for (const [name, twin] of Object.entries(comparisonNames)) {
  const [withNumber, withTensor] = comparisonOps.get(twin) as readonly [Op, Op];
  methods.set(`${name}_`, { ...make(`${name}_`, withNumber), withTensor });
}
for (const [name, twin] of functionalTwins) functional.set(name, make(name, findIn('F', twin) as Op));

/** The functions of `torch` that end in an underscore and are no methods. */
const alsoInTorch = new Set(['celu_', 'selu_', 'threshold_']);

/** The operation in place that PyTorch has under a name. */
export function inPlaceOf(place: Place, name: string): InPlace | undefined {
  if (place === 'Tensor') return methods.get(name);
  if (place === 'F') return functional.get(name);
  return methods.get(name) ?? (alsoInTorch.has(name) ? functional.get(name) : undefined);
}

/** What an operation in place computes with these arguments. */
export const chosen = ({ op, withTensor }: InPlace, args: Record<string, unknown>): Op =>
  withTensor !== undefined && args[op.order[1] as string] instanceof Value ? withTensor : op;

/** Every name of an operation in place, by where PyTorch has it. */
export function* inPlaceNames(): Generator<[Place, string]> {
  for (const name of methods.keys()) yield ['Tensor', name];
  for (const name of functional.keys()) yield ['F', name];
}
