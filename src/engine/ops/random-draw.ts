import { GraddError } from '../errors.ts';
import { type DType, isFloat, notImplementedFor } from '../tensor/dtype.ts';
import { isDense, type Shape } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { NamedArgs, Value } from '../tensor/value.ts';
import { type Meta, type Op, op, raw } from './define.ts';
import { type ArgsOf, int, kw, maybeDType, maybeInts, maybeTensor, type Params, scalar } from './params.ts';
import { checkSizes, type Runtime } from './runtime.ts';

export const refuse = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

/** What a tensor of random numbers is like: a size, or another tensor, whose order in memory counts too. */
const likeness = { size: maybeInts(), like: maybeTensor(), dtype: maybeDType() };

type Likeness = { size: readonly number[] | null; like: Value | null; dtype: DType | null };

function metaOf({ size, like, dtype }: Likeness, defaultDType: DType): Meta {
  const shape: Shape = size ?? (like as Value).shape;
  checkSizes(shape);
  return { shape, dtype: dtype ?? like?.dtype ?? defaultDType };
}

/** A result as `empty_like` makes it; random numbers are drawn in the order of its memory. */
function emptyFor(args: Likeness, rt: Runtime): Tensor {
  const { dtype, shape } = metaOf(args, rt.defaultDType);
  const { size, like } = args;
  const keeps = size === null && like instanceof Tensor && isDense(like.layout);
  return keeps ? rt.emptyLike(dtype, like.layout) : rt.empty(dtype, shape);
}

/** What PyTorch keeps to itself: `empty(…).uniform_()` and the like. */
function drawn<P extends Params>(spec: {
  doc: string;
  params: P;
  check: (dtype: DType) => void;
  fill: (args: ArgsOf<P>, out: Tensor, rt: Runtime) => void;
}): Op {
  const base = op({
    doc: spec.doc,
    internal: true,
    params: { ...likeness, ...spec.params },
    stateful: () => true,
    meta(args, defaultDType) {
      const meta = metaOf(args as unknown as Likeness, defaultDType);
      spec.check(meta.dtype);
      return meta;
    },
    run: () => undefined,
    vjp: null,
  });
  return raw(base, (args: NamedArgs, rt: Runtime) => {
    base.meta(args, rt.defaultDType);
    const out = emptyFor(args as unknown as Likeness, rt);
    rt.drawing();
    spec.fill(args as ArgsOf<P>, out, rt);
    return out;
  });
}

const floatsOnly = (kernel: string) => (dtype: DType) => {
  if (!isFloat(dtype)) notImplementedFor(kernel, dtype);
};

/** The high and the low half of an int64. */
const halves = (x: bigint): [number, number] => [
  Number(BigInt.asIntN(32, x >> 32n)),
  Number(BigInt.asIntN(32, x)),
];

/** PyTorch fills 16 at a time where there are as many, in one piece. */
const FILLING = 16;

export const drawOps = {
  _uniform: drawn({
    doc: 'Numbers of [0, 1).',
    params: {},
    check: floatsOnly('check_uniform_bounds'),
    fill: (_, out, rt) => void rt.kernelFor('uniform', out.dtype)(out.ptr, out.numel),
  }),
  _normal: drawn({
    doc: 'Normal numbers.',
    params: { mean: scalar(0), std: scalar(1) },
    check: floatsOnly('normal_kernel_cpu'),
    fill({ mean, std }, out, rt) {
      const filling = out.numel >= FILLING && out.layout.contiguous;
      const kernel = rt.kernelFor('normal', out.dtype);
      kernel(out.ptr, out.numel, Number(mean), Number(std), Number(filling));
    },
  }),
  _bernoulli: drawn({
    doc: 'Ones with probability p, else zeros.',
    params: { p: scalar() },
    check: () => undefined,
    fill: ({ p }, out, rt) => void rt.kernelFor('bernoulli', out.dtype)(out.ptr, out.numel, Number(p)),
  }),
  _integers: drawn({
    doc: 'Whole numbers from low up to but not including high.',
    params: { low: scalar(), high: scalar() },
    check: () => undefined,
    fill({ low, high }, out, rt) {
      const range = BigInt(high) - BigInt(low);
      rt.kernelFor('integers', out.dtype)(out.ptr, out.numel, ...halves(range), ...halves(BigInt(low)));
    },
  }),
  randperm: op({
    doc: 'The numbers below n in random order.',
    on: ['torch'],
    params: { n: int(), dtype: kw(maybeDType()) },
    stateful: () => true,
    meta({ n, dtype }) {
      checkSizes([n]);
      if (dtype === 'bool') notImplementedFor('randperm', dtype);
      if (dtype === 'float32' && n > 2 ** 24 + 1) refuse('n cannot be greater than 2^24+1 for Float type.');
      return { shape: [n], dtype: dtype ?? 'int64' };
    },
    run({ n }, out, rt) {
      rt.drawing();
      rt.kernelFor('random_permutation', out.dtype)(out.ptr, n);
    },
    vjp: null,
  }),
} satisfies Record<string, Op>;
