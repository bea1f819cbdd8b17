import { type Arg, bind, type PlacedArg } from '../ops/bind.ts';
import type { Op } from '../ops/define.ts';
import type { Param } from '../ops/params.ts';
import type { NamedArgs } from '../tensor/value.ts';
import { blankOf } from './graph.ts';
import { Variable } from './variable.ts';

const NO_KEYWORDS: ReadonlyMap<string, PlacedArg> = new Map();

/**
 * The arguments of a call by name. What needs no more than to be put in its place is bound at once; all other calls, and
 * all that are wrong, by `bind`.
 */
export function bound(op: Op, positional: readonly Arg[], keywords?: ReadonlyMap<string, Arg>): NamedArgs {
  const named = keywords === undefined || keywords.size === 0 ? null : keywords;
  const quick = quicklyBound(op, positional, named);
  if (quick !== null) return quick;
  const placed = positional.map((value, i): PlacedArg => ({ value, path: [i] }));
  const byName =
    named === null
      ? NO_KEYWORDS
      : new Map([...named].map(([name, value]): [string, PlacedArg] => [name, { value, path: [name] }]));
  return bind(op, placed, byName, []);
}

/** What becomes of an argument that `bind` has to look at. */
const UNFIT = Symbol('unfit');

/** A parameter, as far as arguments are put in its place at once. */
interface Slot {
  readonly name: string;
  readonly param: Param;
  /** Numbers and flags that were given for an attribute, as the operation reads them. */
  readonly known: Map<Arg, unknown>;
}

/** How many different values of an attribute are kept as they are read. */
const MAX_KNOWN = 64;

const slots = new Map<Op, readonly Slot[]>();

function slotsOf(op: Op): readonly Slot[] {
  let found = slots.get(op);
  if (found === undefined) {
    const several = op.arrange !== undefined || op.checkForm !== undefined;
    found = several
      ? []
      : op.order.map((name) => ({ name, param: op.params[name] as Param, known: new Map<Arg, unknown>() }));
    slots.set(op, found);
  }
  return found;
}

function quicklyBound(
  op: Op,
  positional: readonly Arg[],
  keywords: ReadonlyMap<string, Arg> | null,
): NamedArgs | null {
  const found = slotsOf(op);
  if (positional.length > found.length) return null;
  const args = blankOf(op);
  let left = keywords === null ? 0 : keywords.size;
  for (let i = 0; i < found.length; i++) {
    const { name, param, known } = found[i] as Slot;
    let arg = positional[i];
    if (arg === undefined) {
      if (left > 0) {
        arg = (keywords as ReadonlyMap<string, Arg>).get(name);
        if (arg !== undefined) left--;
      }
      if (arg === undefined) {
        if (param.required) return null;
        continue;
      }
    } else if (param.keywordOnly || (param.variadic && !Array.isArray(arg))) return null;
    const value = fitted(param, known, arg);
    if (value === UNFIT) return null;
    args[name] = value;
  }
  return left === 0 ? args : null;
}

function fitted({ kind, schema }: Param, known: Map<Arg, unknown>, arg: Arg): unknown {
  if (arg instanceof Variable)
    return kind === 'tensor' || kind === 'operand' || kind === 'number' || kind === 'maybe' ? arg : UNFIT;
  if (kind === 'attr') return read(schema, known, arg);
  if (kind === 'operand' || kind === 'number')
    return typeof arg === 'number' || typeof arg === 'bigint' ? arg : UNFIT;
  if (kind === 'tensors')
    return Array.isArray(arg) && arg.every((item) => item instanceof Variable) ? arg : UNFIT;
  return kind === 'maybe' && arg === null ? null : UNFIT;
}

/** An attribute as the operation reads it. What is no number or flag is read each time: an operation may change it. */
function read(schema: Param['schema'], known: Map<Arg, unknown>, arg: Arg): unknown {
  const kept = typeof arg === 'bigint' || typeof arg === 'boolean' || (typeof arg === 'number' && arg !== 0);
  const before = kept ? known.get(arg) : undefined;
  if (before !== undefined) return before;
  const result = schema?.safeParse(arg);
  if (!result?.success) return UNFIT;
  const value: unknown = result.data;
  if (kept && known.size < MAX_KNOWN && typeof value !== 'object') known.set(arg, value);
  return value;
}
