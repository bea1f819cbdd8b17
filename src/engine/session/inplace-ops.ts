import { GraddError } from '../errors.ts';
import { type Op, op } from '../ops/define.ts';
import { table } from '../ops/index.ts';
import { float, maybeInt, number, tensor } from '../ops/params.ts';
import { pointwiseKernel } from '../ops/pointwise-op.ts';
import { limitsFor } from '../ops/random.ts';
import { refuse } from '../ops/random-draw.ts';
import type { Runtime } from '../ops/runtime.ts';
import { type DType, facts, isFloat, notImplementedFor } from '../tensor/dtype.ts';
import { broadcastShapes, expandLayout, sameShape } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';

/** Throws where the result of an operation does not have the shape of the tensor that it is to be written to. */
export function needShape(self: { shape: readonly number[] }, shape: readonly number[]): void {
  if (sameShape(self.shape, shape)) return;
  const message = `output with shape [${self.shape.join(', ')}] doesn't match the broadcast shape [${shape.join(', ')}]`;
  throw new GraddError('shape-mismatch', message);
}

/** Throws where PyTorch would not cast a result: floats to integers, integers to bools. */
export function needCast(from: DType, to: DType): void {
  if (facts[from].category <= facts[to].category) return;
  const [a, b] = [facts[from].scalarType, facts[to].scalarType];
  throw new GraddError('dtype-mismatch', `result type ${a} can't be cast to the desired output type ${b}`);
}

const zeros = ({ g }: { g: Value }): Value => g.zerosLike();

const same = ({ self }: { self: Value }) => ({ dtype: self.dtype, shape: self.shape });

/** The result is written where the tensor is: nothing of it is read once that has begun. */
const straight = (spec: Op): Op => ({ ...spec, inPlace: true });

const [times, plus] = [pointwiseKernel('mul'), pointwiseKernel('add')];

/** What is drawn anew in place. */
const drawing = (
  name: string,
  gradFn: string,
  params: object,
  check: (args: never) => void,
  fill: unknown,
): Op =>
  straight(
    op({
      doc: `Random numbers in place: ${name}.`,
      internal: true,
      params: { self: tensor(), ...params },
      stateful: () => true,
      gradFn,
      meta(args) {
        check(args as never);
        return same(args as { self: Value });
      },
      run(args, out, rt) {
        rt.drawing();
        (fill as (args: unknown, out: Tensor, rt: Runtime) => void)(args, out, rt);
      },
      vjp: { self: zeros } as never,
    }),
  );

const needFloat =
  (kernel: string) =>
  ({ self }: { self: Value }) => {
    if (!isFloat(self.dtype)) notImplementedFor(kernel, self.dtype);
  };

/** PyTorch fills 16 at a time where there are as many. */
const FILLING = 16;

const halves = (x: bigint): [number, number] => [
  Number(BigInt.asIntN(32, x >> 32n)),
  Number(BigInt.asIntN(32, x)),
];

/** The greatest number that `random_()` draws, and one. */
const everyNumber = {
  float64: 2n ** 53n + 1n,
  float32: 2n ** 24n + 1n,
  int64: 2n ** 63n,
  int32: 2n ** 31n,
  bool: 2n,
};

interface Limits {
  self: Value;
  from: number | null;
  to: number | null;
}

function limitsOf({ self, from, to }: Limits): { low: bigint; high: bigint } {
  if (from === null) return { low: 0n, high: everyNumber[self.dtype] };
  const [low, high] = to === null ? [0n, BigInt(from)] : [BigInt(from), BigInt(to)];
  return limitsFor(low, high, self.dtype);
}

/** A comparison in place, with a number or with a tensor: the gradients are zero. */
function compared(name: string, others: boolean): Op {
  const plain = table.get(name) as Op;
  const label = `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward${Number(others)}`;
  const edges = plain.order
    .slice(0, others ? 2 : 1)
    .map((param) => ({ name: param, kind: 'tensor' as const, rule: zeros as never }));
  return { ...plain, differentiable: true, gradFnName: () => label, edges };
}

/** Operations that there are in place only, or that have another node there. */
export const ownOps: Record<string, Op> = {
  fill_: straight(
    op({
      doc: 'One value in place.',
      internal: true,
      params: { self: tensor(), value: number() },
      gradFn: ({ value }) => `FillBackward${typeof value === 'object' ? 3 : 2}`,
      meta({ self, value }) {
        if (typeof value === 'object' && value.ndim > 0)
          refuse(
            `fill_ only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`,
          );
        return same({ self });
      },
      run: ({ value }, out, rt) => rt.fill(out, value instanceof Tensor ? rt.item(value) : (value as number)),
      vjp: { self: zeros, value: ({ g }) => g.sum() },
    }),
  ),
  zero_: straight(
    op({
      doc: 'Zeros in place.',
      internal: true,
      params: { self: tensor() },
      gradFn: 'ZeroBackward0',
      meta: same,
      run: (_, out, rt) => rt.fill(out, 0),
      vjp: { self: zeros },
    }),
  ),
  copy_: straight(
    op({
      doc: 'The elements of src in place.',
      internal: true,
      params: { self: tensor(), src: tensor() },
      gradFn: 'CopyBackwards',
      meta({ self, src }) {
        needShape(self, broadcastShapes(self.shape, src.shape));
        return same({ self });
      },
      run({ src }, out, rt) {
        const cast = src.dtype === out.dtype ? src : rt.cast(src, out.dtype);
        rt.copyTo(out.ptr, rt.view(cast, expandLayout(cast.layout, out.shape)));
      },
      vjp: { self: zeros, src: ({ g }) => g },
    }),
  ),
  uniform_: drawing(
    'uniform_',
    'UniformBackward0',
    { from: float(0), to: float(1) },
    ({ self, from, to }: { self: Value; from: number; to: number }) => {
      needFloat('check_uniform_bounds')({ self });
      if (from <= to) return;
      refuse(`uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`);
    },
    ({ from, to }: { from: number; to: number }, out: Tensor, rt: Runtime) => {
      rt.kernelFor('uniform', out.dtype)(out.ptr, out.numel);
      if (from === 0 && to === 1) return;
      // PyTorch rounds once, after multiplying and adding.
      const [span, low] = [to - from, from].map((x) => rt.wrap(out.dtype === 'float32' ? Math.fround(x) : x));
      const moved = plus(rt, [times(rt, [rt.cast(out, 'float64'), span as Tensor]), low as Tensor]);
      rt.copyTo(out.ptr, rt.cast(moved, out.dtype));
    },
  ),
  normal_: drawing(
    'normal_',
    'NormalBackward0',
    { mean: float(0), std: float(1) },
    ({ self, std }: { self: Value; std: number }) => {
      needFloat('normal_kernel_cpu')({ self });
      if (!(std >= 0)) refuse(`normal expects std >= 0.0, but found std ${std}`);
    },
    ({ mean, std }: { mean: number; std: number }, out: Tensor, rt: Runtime) =>
      rt.kernelFor('normal', out.dtype)(out.ptr, out.numel, mean, std, Number(out.numel >= FILLING)),
  ),
  exponential_: drawing(
    'exponential_',
    'ExponentialBackward0',
    { lambd: float(1) },
    ({ self, lambd }: { self: Value; lambd: number }) => {
      needFloat('exponential_kernel_cpu')({ self });
      if (!(lambd > 0)) refuse(`exponential_ expects lambda > 0.0, but found lambda=${lambd}`);
    },
    ({ lambd }: { lambd: number }, out: Tensor, rt: Runtime) =>
      rt.kernelFor('exponential', out.dtype)(out.ptr, out.numel, lambd),
  ),
  cauchy_: drawing(
    'cauchy_',
    'CauchyBackward0',
    { median: float(0), sigma: float(1) },
    ({ self, sigma }: { self: Value; sigma: number }) => {
      if (!isFloat(self.dtype))
        refuse(
          `Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you specified ${self.dtype === 'int64' ? 'long int' : self.dtype === 'int32' ? 'int' : self.dtype}`,
        );
      if (!(sigma > 0)) refuse(`cauchy_ expects sigma > 0.0, but found sigma=${sigma}`);
    },
    ({ median, sigma }: { median: number; sigma: number }, out: Tensor, rt: Runtime) =>
      rt.kernelFor('cauchy', out.dtype)(out.ptr, out.numel, median, sigma),
  ),
  log_normal_: drawing(
    'log_normal_',
    'LogNormalBackward0',
    { mean: float(1), std: float(2) },
    ({ self, std }: { self: Value; std: number }) => {
      needFloat('log_normal_cpu')({ self });
      if (!(std > 0)) refuse(`log_normal_ expects std > 0.0, but found std=${std}`);
    },
    ({ mean, std }: { mean: number; std: number }, out: Tensor, rt: Runtime) =>
      rt.kernelFor('log_normal', out.dtype)(out.ptr, out.numel, mean, std),
  ),
  geometric_: drawing(
    'geometric_',
    'GeometricBackward0',
    { p: { ...float(0), required: true } },
    ({ self, p }: { self: Value; p: number }) => {
      if (self.dtype === 'bool') notImplementedFor('geometric_cpu', self.dtype);
      if (!(p > 0 && p < 1)) refuse(`geometric_ expects p to be in (0, 1), but got p=${p}`);
    },
    ({ p }: { p: number }, out: Tensor, rt: Runtime) =>
      rt.kernelFor('geometric', out.dtype)(out.ptr, out.numel, p),
  ),
  bernoulli_: straight(
    op({
      doc: 'Ones with some probability, else zeros, in place.',
      internal: true,
      params: { self: tensor(), p: { ...number(), required: false, default: 0.5 as never } },
      stateful: () => true,
      gradFn: ({ p }) => `BernoulliBackward${typeof p === 'object' ? 1 : 2}`,
      meta({ self, p }) {
        if (typeof p !== 'object' && !(Number(p) >= 0 && Number(p) <= 1))
          refuse(`bernoulli_ expects p to be in [0, 1], but got p=${Number(p)}`);
        return same({ self });
      },
      run({ p }, out, rt) {
        rt.drawing();
        if (!(p instanceof Tensor)) {
          rt.kernelFor('bernoulli', out.dtype)(out.ptr, out.numel, Number(p));
          return;
        }
        const spread = rt.contiguous(rt.view(p, expandLayout(p.layout, out.shape)));
        const drawn = rt.empty(p.dtype, out.shape);
        const status = rt.status(`bernoulli_each_${facts[p.dtype].suffix}`, drawn.ptr, spread.ptr, out.numel);
        if (status !== 0)
          throw new GraddError(
            'numerical-error',
            'Expected p_in >= 0 && p_in <= 1 to be true, but got false.',
          );
        rt.copyTo(out.ptr, rt.cast(drawn, out.dtype));
      },
      vjp: { self: zeros, p: ({ g, p }) => (typeof p === 'object' ? g.newZeros(p.shape) : null) },
    }),
  ),
  random_: {
    ...drawing(
      'random_',
      'RandomBackward0',
      { from: maybeInt(), to: maybeInt() },
      (args: Limits) => void limitsOf(args),
      (args: Limits, out: Tensor, rt: Runtime) => {
        const { low, high } = limitsOf(args);
        const range = BigInt.asUintN(64, high - low);
        rt.kernelFor('integers', out.dtype)(out.ptr, out.numel, ...halves(range), ...halves(low));
      },
    ),
    gradFnName: ({ from, to }) => `RandomBackward${from === null ? 2 : to === null ? 1 : 0}`,
  },
};

/** Comparisons by their name: with a number, and with a tensor. */
export const comparisonOps: ReadonlyMap<string, readonly [Op, Op]> = new Map(
  ['lt', 'le', 'gt', 'ge', 'eq', 'ne'].map((name) => [name, [compared(name, false), compared(name, true)]]),
);

/** PyTorch's methods that end in an underscore, each as the operation that it does in place. */
const twins =
  'relu scatter fmod remainder pow clamp clip round square copysign clamp_max clamp_min float_power logical_and ' +
  'logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift ' +
  'bitwise_not index_add scatter_add masked_fill addmm tril triu add sub subtract mul multiply div divide ' +
  'true_divide xlogy floor_divide atan2 arctan2 hypot lerp neg negative abs absolute sign sgn floor ceil trunc fix ' +
  'frac sqrt rsqrt reciprocal exp exp2 expm1 log log1p log2 log10 sin cos tan asin arcsin acos arccos atan arctan ' +
  'sinh cosh tanh asinh arcsinh acosh arccosh atanh arctanh sigmoid erf erfc cumsum cumprod addmv addr baddbmm ' +
  'addbmm renorm put index_fill index_copy index_put masked_scatter scatter_reduce index_reduce addcmul addcdiv ' +
  'nan_to_num ldexp nextafter deg2rad rad2deg gcd lcm heaviside sinc logit lgamma digamma mvlgamma igamma igammac ' +
  'erfinv i0 polygamma conj_physical';
const inFunctional = 'celu elu hardtanh leaky_relu relu selu threshold';
const comparisons = {
  lt: 'lt',
  le: 'le',
  gt: 'gt',
  ge: 'ge',
  eq: 'eq',
  ne: 'ne',
  less: 'lt',
  less_equal: 'le',
  greater: 'gt',
  greater_equal: 'ge',
  not_equal: 'ne',
};

/** Operations that change how the tensor itself is seen. */
export const reshaping: ReadonlySet<string> = new Set(
  ['squeeze', 'unsqueeze', 't', 'transpose', 'swapaxes', 'swapdims'].map((name) => `${name}_`),
);

/** Nodes that have another name where they were recorded in place. */
const namesInPlace: Readonly<Record<string, string>> = {
  LeakyReluBackward0: 'LeakyReluBackward1',
  EluBackward0: 'EluBackward1',
  CeluBackward0: 'CeluBackward1',
  ThresholdBackward0: 'ThresholdBackward1',
  AsinhBackward0: 'AsinhBackward1',
  SqueezeBackward0: 'SqueezeBackward3',
  SqueezeBackward1: 'SqueezeBackward4',
  SqueezeBackward2: 'SqueezeBackward5',
  UnsqueezeBackward0: 'UnsqueezeBackward1',
  TBackward0: 'TBackward1',
  TransposeBackward0: 'TransposeBackward1',
};

/** What PyTorch has no derivative of in place. */
const notInPlace: Readonly<Record<string, string>> = {
  asinh: "the derivative for 'inplace version of asinh' is not implemented.",
  floor_divide: 'derivative for aten::floor_divide_ is not implemented',
};

const forms = new WeakMap<Op, Op>();

/** An operation as it is recorded in place. */
export function recordedInPlace(op: Op): Op {
  let form = forms.get(op);
  if (form === undefined) {
    const complaint = notInPlace[op.name];
    const refused = (): never => {
      throw new GraddError('not-differentiable', complaint as string);
    };
    form = {
      ...op,
      gradFnName(args) {
        const name = op.gradFnName(args);
        return namesInPlace[name] ?? name;
      },
      ...(complaint && { edges: op.edges.map((edge) => ({ ...edge, rule: refused })) }),
    };
    forms.set(op, form);
  }
  return form;
}

/** Every name of an operation in place, with the name of what it does out of place. */
export const methodTwins: ReadonlyMap<string, string> = new Map([
  ...twins.split(' ').map((name): [string, string] => [`${name}_`, name]),
  ...[...reshaping].map((name): [string, string] => [name, name.slice(0, -1)]),
]);
export const functionalTwins: ReadonlyMap<string, string> = new Map(
  inFunctional.split(' ').map((name): [string, string] => [`${name}_`, name]),
);
export const comparisonNames: Readonly<Record<string, string>> = comparisons;
