import { type DType, isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';
import { type Op, type OpSpec, op } from './define.ts';
import {
  broadcastAll,
  computeDType,
  type Elementwise,
  elementwise,
  type Promotion,
  runBinary,
  runElementwise,
  runUnary,
} from './elementwise.ts';
import type { ArgsOf, Params } from './params.ts';
import type { Runtime } from './runtime.ts';

/** An elementwise operation: the shape rule is broadcasting, the dtype rule promotion. */
export interface PointwiseSpec<P extends Params> extends Omit<OpSpec<P>, 'meta' | 'run'> {
  /** The kernel's name without the dtype. */
  kernel: string;
  promotion?: Promotion;
  result?: 'same' | 'bool';
  /** The operands, in the kernel's order. Default: every tensor parameter. */
  operands?: readonly (keyof P & string)[];
  /** Further arguments of the kernel, from the attributes. */
  extra?: (args: ArgsOf<P>) => number[];
  /** Another kernel for some attributes, such as an `alpha` that is not one; null for the usual one. */
  variant?: (args: ArgsOf<P>) => Variant | null;
  /** Complaints in PyTorch's words. On the quick way it is only asked where an operand is not floating-point. */
  check?: (args: ArgsOf<P>) => void;
}

/** A kernel beside the usual one, with its further arguments. */
export interface Variant {
  readonly elementwise: Elementwise;
  readonly extra: readonly number[];
}

const computes = new Set(['tensor', 'operand']);

/** An elementwise operation of the table. */
export function pointwise<P extends Params>(spec: PointwiseSpec<P>): Op {
  const e = elementwise(spec.kernel, spec.promotion, spec.result);
  const names =
    spec.operands ?? Object.keys(spec.params).filter((name) => computes.has(spec.params[name]?.kind ?? ''));
  const operandsOf = <V>(args: NamedArgs): V[] => names.map((name) => args[name] as V);
  const meta = (args: NamedArgs, defaultDType: DType) => {
    spec.check?.(args as ArgsOf<P>);
    const operands = operandsOf<Value>(args);
    const chosen = spec.variant?.(args as ArgsOf<P>)?.elementwise ?? e;
    const dtype = chosen.result === 'bool' ? 'bool' : computeDType(chosen, operands, defaultDType);
    return { dtype, shape: broadcastAll(operands) };
  };
  const others = Object.keys(spec.params).filter((name) => !names.includes(name));
  const plain =
    names.length <= 2 && spec.extra === undefined && others.every((name) => !spec.params[name]?.required);
  const base = op({ ...spec, meta: (args, defaultDType) => meta(args, defaultDType), run: () => undefined });
  return {
    ...base,
    inPlace: true,
    compute(args, rt) {
      spec.check?.(args as ArgsOf<P>);
      const variant = spec.variant?.(args as ArgsOf<P>);
      if (variant) return runElementwise(rt, variant.elementwise, operandsOf<Tensor>(args), variant.extra);
      if (plain) return runFew(rt, e, operandsOf<Tensor>(args));
      return runElementwise(rt, e, operandsOf<Tensor>(args), spec.extra?.(args as ArgsOf<P>) ?? []);
    },
    ...(plain && {
      elementwise(rt, a, b) {
        if (spec.check && !(isFloat(a.dtype) && (b === undefined || isFloat(b.dtype)))) {
          spec.check({ ...base.blank, [names[0] as string]: a, [names[1] ?? '']: b } as ArgsOf<P>);
        }
        return b === undefined ? runUnary(rt, e, a) : runBinary(rt, e, a, b);
      },
    }),
  } satisfies Op;
}

/** An elementwise computation outside the table, for operations that are made of several kernels. */
export function pointwiseKernel(kernel: string, promotion?: Promotion, result?: 'same' | 'bool') {
  const e: Elementwise = elementwise(kernel, promotion, result);
  return (
    rt: Parameters<typeof runElementwise>[0],
    operands: readonly Tensor[],
    extra: readonly number[] = [],
  ) => (extra.length === 0 ? runFew(rt, e, operands) : runElementwise(rt, e, operands, extra));
}

/** One or two operands have quick ways. */
function runFew(rt: Runtime, e: Elementwise, operands: readonly Tensor[]): Tensor {
  const [a, b] = operands as [Tensor, Tensor];
  if (operands.length === 1) return runUnary(rt, e, a);
  return operands.length === 2 ? runBinary(rt, e, a, b) : runElementwise(rt, e, operands);
}
