import type { Op } from '../ops/define.ts';
import type { Param } from '../ops/params.ts';
import type { Runtime } from '../ops/runtime.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs } from '../tensor/value.ts';

/** The parameters of an elementwise operation. */
interface Form {
  readonly first: string;
  readonly second: string | undefined;
  /** Those that have to have their defaults, so that it has nothing but operands. */
  readonly others: readonly string[];
}

const forms = new Map<Op, Form>();

function formOf(op: Op): Form {
  let form = forms.get(op);
  if (form === undefined) {
    const { order, params } = op;
    const [first, second] = order as [string, string | undefined];
    const kind = second === undefined ? undefined : (params[second] as Param).kind;
    const others = order.slice(kind === 'tensor' || kind === 'operand' ? 2 : 1);
    form = { first, second, others };
    forms.set(op, form);
  }
  return form;
}

/** The result of an elementwise operation in the quick way that there is without attributes; null where there are. */
export function quickly(rt: Runtime, op: Op, args: NamedArgs): Tensor | null {
  if (op.elementwise === undefined) return null;
  const { first, second, others } = formOf(op);
  for (let i = 0; i < others.length; i++) {
    const name = others[i] as string;
    if (args[name] !== op.blank[name]) return null;
  }
  const b = second === undefined ? undefined : args[second];
  return op.elementwise(rt, args[first] as Tensor, b instanceof Tensor ? b : undefined);
}
