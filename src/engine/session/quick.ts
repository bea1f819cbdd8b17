import type { Op } from '../ops/define.ts';
import type { Param } from '../ops/params.ts';
import type { Runtime } from '../ops/runtime.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';

const computes = new Set(['tensor', 'operand']);

/** Whether an elementwise operation has nothing but operands. */
function isPlain(op: Op, args: NamedArgs): boolean {
  if (op.elementwise === undefined) return false;
  const { order, params } = op;
  for (let i = 1; i < order.length; i++) {
    const name = order[i] as string;
    if (i === 1 && computes.has((params[name] as Param).kind)) continue;
    if (args[name] !== op.blank[name]) return false;
  }
  return true;
}

/** The result of an elementwise operation in the quick way that there is without attributes; null where there are. */
export function quickly(rt: Runtime, op: Op, args: NamedArgs): Tensor | null {
  if (!isPlain(op, args)) return null;
  const second = op.order.length > 1 ? args[op.order[1] as string] : undefined;
  const b = second instanceof Tensor ? second : undefined;
  const compute = op.elementwise as NonNullable<Op['elementwise']>;
  return compute(rt, args[op.order[0] as string] as Tensor, b);
}
