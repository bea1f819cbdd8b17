import { type Arg, bind, type PlacedArg } from '../ops/bind.ts';
import type { Op } from '../ops/define.ts';
import type { Param } from '../ops/params.ts';
import type { NamedArgs } from '../tensor/value.ts';
import { Variable } from './variable.ts';

const NO_KEYWORDS: ReadonlyMap<string, PlacedArg> = new Map();

/** The arguments of a call by name. */
export function bound(op: Op, positional: readonly Arg[], keywords?: ReadonlyMap<string, Arg>): NamedArgs {
  const none = keywords === undefined || keywords.size === 0;
  const simple = none ? simplyBound(op, positional) : null;
  if (simple !== null) return simple;
  const placed = positional.map((value, i): PlacedArg => ({ value, path: [i] }));
  const named = none
    ? NO_KEYWORDS
    : new Map([...keywords].map(([name, value]): [string, PlacedArg] => [name, { value, path: [name] }]));
  return bind(op, placed, named, []);
}

/** A call with nothing but tensors, and numbers where they may stand for some; null where it is another. */
function simplyBound(op: Op, positional: readonly Arg[]): NamedArgs | null {
  const { order, params } = op;
  if (positional.length > order.length || op.arrange || op.checkForm) return null;
  const args: NamedArgs = {};
  for (let i = 0; i < order.length; i++) {
    const name = order[i] as string;
    const param = params[name] as Param;
    const arg = positional[i];
    if (arg === undefined) {
      if (param.required) return null;
      continue;
    }
    if (param.keywordOnly) return null;
    const { kind } = param;
    const fits =
      arg instanceof Variable
        ? kind === 'tensor' || kind === 'operand' || kind === 'number' || kind === 'maybe'
        : (kind === 'operand' || kind === 'number') && (typeof arg === 'number' || typeof arg === 'bigint');
    if (!fits) return null;
    args[name] = arg;
  }
  return args;
}
