import { z } from 'zod';
import { GraddError } from '../errors.ts';
import { type DType, isFloat, type Scalar } from '../tensor/dtype.ts';
import { type Interpreter, Value } from '../tensor/value.ts';
import { composite, type Op } from './define.ts';
import {
  attr,
  flag,
  float,
  int,
  kw,
  maybeDType,
  number,
  type Param,
  type Params,
  scalarSchema,
} from './params.ts';
import { refuseDType } from './special-check.ts';

const dtype = kw(maybeDType());
const fail = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

const cppNames: Record<DType, string> = {
  float64: 'double',
  float32: 'float',
  int64: 'long int',
  int32: 'int',
  bool: 'bool',
};

/** The complaints of `torch.hann_window` and its kin. */
function checkWindow(name: string, length: number, dtype: DType): void {
  if (!isFloat(dtype)) {
    const options = `dtype=${cppNames[dtype]}, device=cpu, layout=Strided (default), requires_grad=false (default)`;
    const message = `${name} expects floating point dtypes, got: TensorOptions(${options}, pinned_memory=false, memory_format=(nullopt))`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (length < 0) fail(`${name} requires non-negative window_length, got window_length=${length}`);
}

const filled = (n: number, value: number, dtype: DType, { call }: Interpreter): Value =>
  call('full', { size: [n], fill_value: value, dtype }) as Value;

/** start, …, end at equal distances. */
const ramp = (start: number, end: number, steps: number, dtype: DType, { call }: Interpreter): Value =>
  call('_linspace', { start, end, steps, dtype }) as Value;

/** 0, 1, …, n - 1. */
const count = (n: number, dtype: DType, { call }: Interpreter): Value =>
  call('_arange', { start: 0, step: 1, n, dtype }) as Value;

type Curve = (args: Record<string, number>, n: number, context: Interpreter, dtype: DType) => Value;

const lengthParams = { window_length: int(), periodic: flag(true) };

/** A window of `torch`: periodic ones are the first elements of a symmetric one that is longer by one. */
function window(name: string, doc: string, shape: Record<string, Param<'attr', number>>, curve: Curve): Op {
  return composite({
    doc,
    on: ['torch'],
    params: { ...lengthParams, ...shape, dtype } as Params,
    compose(args, context) {
      const {
        window_length: length,
        periodic,
        dtype,
      } = args as unknown as {
        window_length: number;
        periodic: boolean;
        dtype: DType | null;
      };
      const type = dtype ?? context.defaultDType;
      checkWindow(name, length, type);
      if (length < 2) return filled(length, 1, type, context);
      const whole = curve(args as never, periodic ? length + 1 : length, context, type);
      return periodic ? whole.slice(0, 0, length) : whole;
    },
  });
}

/** alpha - beta cos(2 pi k / (n - 1)). */
const raisedCosine =
  (alpha: number, beta: number): Curve =>
  (_args, n, context, dtype) =>
    count(n, dtype, context)
      .mul((2 * Math.PI) / (n - 1))
      .cos()
      .mul(-beta)
      .add(alpha);

const i0 = (x: Value): Value => x.apply('i0', { self: x });

/** I0(beta sqrt(1 - x²)) / I0(beta) for x from -1 to 1. */
function kaiserCurve(beta: number, x: Value, context: Interpreter): Value {
  const root = x.mul(x).rsub(1).maximum(x.zerosLike()).sqrt();
  return i0(root.mul(beta)).div(i0(context.wrap(beta)));
}

const torchWindows = {
  hann_window: window('hann_window', 'Hann window.', {}, raisedCosine(0.5, 0.5)),
  hamming_window: window(
    'hamming_window',
    'Hamming window.',
    { alpha: float(0.54), beta: float(0.46) },
    (args, ...rest) => raisedCosine(args.alpha as number, args.beta as number)(args, ...rest),
  ),
  blackman_window: window('blackman_window', 'Blackman window.', {}, (_args, n, context, dtype) => {
    const angle = count(n, dtype, context).mul(Math.PI / (n - 1));
    return angle.mul(4).cos().mul(0.08).sub(angle.mul(2).cos().mul(0.5)).add(0.42);
  }),
  bartlett_window: window('bartlett_window', 'Bartlett window.', {}, (_args, n, context, dtype) => {
    const rise = count(n, dtype, context).mul(2 / (n - 1));
    return rise.minimum(rise.rsub(2));
  }),
  kaiser_window: window(
    'kaiser_window',
    'Kaiser window.',
    { beta: float(12) },
    ({ beta }, n, context, dtype) => kaiserCurve(beta as number, ramp(-1, 1, n, dtype, context), context),
  ),
};

interface SignalArgs {
  M: number;
  sym: boolean;
  dtype: DType | null;
}

const sym = kw(flag(true));

/** The complaints of `torch.signal.windows`. */
function checkSignal(name: string, M: number, dtype: DType): void {
  if (M < 0) fail(`${name} requires non-negative window length, got M=${M}`);
  if (isFloat(dtype)) return;
  const message = `${name} expects float32 or float64 dtypes, got: torch.${dtype}`;
  throw new GraddError('dtype-mismatch', message);
}

type SignalCurve<P> = (args: P & SignalArgs, dtype: DType, context: Interpreter) => Value;

/** A window of `torch.signal.windows`. */
function signal<P extends Params>(
  name: string,
  doc: string,
  shape: P,
  curve: SignalCurve<Record<keyof P, never>>,
  checkedAs = name,
): [string, Op] {
  const op = composite({
    doc,
    params: { M: int(), ...shape, sym, dtype } as Params,
    compose(given, context) {
      const args = given as unknown as Record<keyof P, never> & SignalArgs;
      const type = args.dtype ?? context.defaultDType;
      checkSignal(checkedAs, args.M, type);
      return curve(args, type, context);
    },
  });
  return [`signal.windows.${name}`, op];
}

/** How many steps a window is long: one more where it is periodic. */
const span = ({ M, sym }: SignalArgs, less = 1): number => (!sym && M > 1 ? M + 1 - less : M - less);

/** The sum of (-1)^i a_i cos(i x) over a window's length. */
function cosines(a: readonly number[], args: SignalArgs, dtype: DType, context: Interpreter): Value {
  const { M, sym } = args;
  if (M < 2) return filled(M, 1, dtype, context);
  if (a.length === 0) fail('Coefficients cannot be empty');
  const step = (2 * Math.PI) / (sym ? M - 1 : M);
  const angle = ramp(0, (M - 1) * step, M, dtype, context);
  let sum = filled(M, a[0] as number, dtype, context);
  for (let i = 1; i < a.length; i++) {
    sum = sum.add(
      angle
        .mul(i)
        .cos()
        .mul(i % 2 === 0 ? (a[i] as number) : -(a[i] as number)),
    );
  }
  return sum;
}

const weights = z.array(scalarSchema.transform((value) => Number(value)));
const coefficients = kw(attr<number[]>('tuple of floats', weights));
const center = kw(
  attr<number | null>(
    'float',
    scalarSchema.transform((value): number | null => Number(value)).nullable(),
    null,
  ),
);

function exponential(
  args: SignalArgs & { center: number | null; tau: number },
  dtype: DType,
  context: Interpreter,
) {
  const { M, sym, tau } = args;
  if (tau <= 0) fail(`Tau must be positive, got: ${tau} instead.`);
  if (sym && args.center !== null) fail('Center must be None for symmetric windows');
  const middle = args.center ?? span(args) / 2;
  return ramp(-middle / tau, (M - 1 - middle) / tau, M, dtype, context)
    .abs()
    .neg()
    .exp();
}

function gaussian(args: SignalArgs & { std: number }, dtype: DType, context: Interpreter) {
  const { M, std } = args;
  if (std <= 0) fail(`Standard deviation must be positive, got: ${std} instead.`);
  const [start, scale] = [-span(args) / 2, 1 / (std * Math.SQRT2)];
  const k = ramp(start * scale, (start + (M - 1)) * scale, M, dtype, context);
  return k.mul(k).neg().exp();
}

function kaiser(args: SignalArgs & { beta: number }, dtype: DType, context: Interpreter) {
  const { M, sym, beta } = args;
  if (beta < 0) fail(`beta must be non-negative, got: ${beta} instead.`);
  if (M < 2) return filled(M, 1, dtype, context);
  const step = 2 / (sym ? M - 1 : M);
  return kaiserCurve(beta, ramp(-1, (M - 1) * step - 1, M, dtype, context), context);
}

function cosine(args: SignalArgs, dtype: DType, context: Interpreter) {
  const step = Math.PI / span(args, 0);
  return ramp(step / 2, (args.M - 0.5) * step, args.M, dtype, context).sin();
}

function bartlett(args: SignalArgs, dtype: DType, context: Interpreter) {
  const { M, sym } = args;
  if (M < 2) return filled(M, 1, dtype, context);
  const step = 2 / (sym ? M - 1 : M);
  return ramp(-1, (M - 1) * step - 1, M, dtype, context)
    .abs()
    .rsub(1);
}

const signalWindows = Object.fromEntries([
  signal('bartlett', 'Bartlett window.', {}, bartlett),
  signal('blackman', 'Blackman window.', {}, (args, ...rest) => cosines([0.42, 0.5, 0.08], args, ...rest)),
  signal('cosine', 'Half a wave of a sine.', {}, cosine),
  signal('exponential', 'Exponential window.', { center, tau: kw(float(1)) }, exponential as never),
  signal('gaussian', 'Gaussian window.', { std: kw(float(1)) }, gaussian as never),
  signal('general_cosine', 'Sum of cosines.', { a: coefficients }, ((
    args: SignalArgs & { a: number[] },
    ...rest: [DType, Interpreter]
  ) => cosines(args.a, args, ...rest)) as never),
  signal(
    'general_hamming',
    'General Hamming window.',
    { alpha: kw(float(0.54)) },
    ((args: SignalArgs & { alpha: number }, ...rest: [DType, Interpreter]) =>
      cosines([args.alpha, 1 - args.alpha], args, ...rest)) as never,
    'general_cosine',
  ),
  signal(
    'hamming',
    'Hamming window.',
    {},
    (args, ...rest) => cosines([0.54, 0.46], args, ...rest),
    'general_cosine',
  ),
  signal('hann', 'Hann window.', {}, (args, ...rest) => cosines([0.5, 0.5], args, ...rest), 'general_cosine'),
  signal('kaiser', 'Kaiser window.', { beta: kw(float(12)) }, kaiser as never),
  signal(
    'nuttall',
    'Nuttall window.',
    {},
    (args, ...rest) => cosines([0.3635819, 0.4891775, 0.1365995, 0.0106411], args, ...rest),
    'general_cosine',
  ),
]);

/** A bound of `logspace` as a Python number. */
function boundOf(
  x: Value | Scalar,
  start: Value | Scalar,
  end: Value | Scalar,
  context: Interpreter,
): Scalar {
  if (!(x instanceof Value)) return x;
  if (x.ndim === 0) return context.item(x);
  const dims = (v: Value | Scalar): number => (v instanceof Value ? v.ndim : 0);
  const message = `logspace only supports 0-dimensional start and end tensors, but got start with ${dims(start)} dimension(s) and end with ${dims(end)} dimension(s).`;
  throw new GraddError('invalid-argument', message);
}

/** Makers of tensors by a formula. */
export const specialWindowOps: Record<string, Op> = {
  ...torchWindows,
  ...signalWindows,
  logspace: composite({
    doc: 'Powers of base with exponents from start to end, both included, at equal distances.',
    on: ['torch'],
    params: { start: number(), end: number(), steps: int(), base: float(10), dtype },
    compose({ start, end, steps, base, dtype }, context) {
      const type = dtype ?? context.defaultDType;
      const [from, to] = [start, end].map((x) => Number(boundOf(x, start, end, context))) as [number, number];
      if (type === 'bool') refuseDType('logspace_cpu', 'bool');
      const whole = (x: number): number => (isFloat(type) ? x : Math.trunc(x));
      const exponents = ramp(whole(from), whole(to), steps, 'float64', context);
      return (context.call('pow', { self: base, exponent: exponents }) as Value).to(type);
    },
  }),
};
