import type { Op } from '../ops/define.ts';
import { float, type Param } from '../ops/params.ts';
import { pointwiseKernel } from '../ops/pointwise-op.ts';
import { refuse } from '../ops/random-draw.ts';
import type { Runtime } from '../ops/runtime.ts';
import { isFloat, notImplementedFor } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';

type Drawing = (
  name: string,
  gradFn: string,
  params: Record<string, Param>,
  check: (args: never) => void,
  run: (args: never, out: Tensor, rt: Runtime) => void,
) => Op;

const [times, plus, log, log1p, tan, exp, ceil] = ['mul', 'add', 'log', 'log1p', 'tan', 'exp', 'ceil'].map(
  (name) => pointwiseKernel(name),
) as [Kernel, Kernel, Kernel, Kernel, Kernel, Kernel, Kernel];
type Kernel = ReturnType<typeof pointwiseKernel>;

/** As many numbers of [0, 1) as a tensor has; PyTorch draws them in float64 whatever the dtype. */
function uniform(out: Tensor, rt: Runtime): Tensor {
  const drawn = rt.empty('float64', out.shape);
  rt.kernelFor('uniform', 'float64')(drawn.ptr, drawn.numel);
  return drawn;
}

const number = (rt: Runtime, x: number): Tensor => rt.wrap(x) as Tensor;

const put = (out: Tensor, rt: Runtime, value: Tensor): void => rt.copyTo(out.ptr, rt.cast(value, out.dtype));

const needFloat = (kernel: string, self: Value): void => {
  if (!isFloat(self.dtype)) notImplementedFor(kernel, self.dtype);
};

/** Draws in place that PyTorch computes from uniform or normal numbers of float64, by the formulas of its own. */
export const distributionOps = (drawing: Drawing): Record<string, Op> => ({
  exponential_: drawing(
    'exponential_',
    'ExponentialBackward0',
    { lambd: float(1) },
    ({ self, lambd }: { self: Value; lambd: number }) => {
      needFloat('exponential_', self);
      if (!(lambd > 0)) refuse(`exponential_ expects lambda > 0.0, but found lambda=${lambd}`);
    },
    ({ lambd }: { lambd: number }, out: Tensor, rt: Runtime) => {
      const rest = log1p(rt, [times(rt, [uniform(out, rt), number(rt, -1)])]);
      put(out, rt, times(rt, [rest, number(rt, -1 / lambd)]));
    },
  ),
  cauchy_: drawing(
    'cauchy_',
    'CauchyBackward0',
    { median: float(0), sigma: float(1) },
    ({ self, sigma }: { self: Value; sigma: number }) => {
      if (!isFloat(self.dtype))
        refuse(
          'Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you specified Long',
        );
      if (!(sigma > 0)) refuse(`cauchy_ expects sigma > 0.0, but found sigma=${sigma}`);
    },
    ({ median, sigma }: { median: number; sigma: number }, out: Tensor, rt: Runtime) => {
      const angle = times(rt, [plus(rt, [uniform(out, rt), number(rt, -0.5)]), number(rt, Math.PI)]);
      put(out, rt, plus(rt, [times(rt, [tan(rt, [angle]), number(rt, sigma)]), number(rt, median)]));
    },
  ),
  log_normal_: drawing(
    'log_normal_',
    'LogNormalBackward0',
    { mean: float(1), std: float(2) },
    ({ self, std }: { self: Value; std: number }) => {
      needFloat('log_normal_cpu', self);
      if (!(std > 0)) refuse(`log_normal_ expects std > 0.0, but found std=${std}`);
    },
    ({ mean, std }: { mean: number; std: number }, out: Tensor, rt: Runtime) => {
      const drawn = rt.empty('float64', out.shape);
      rt.kernelFor('normal', 'float64')(drawn.ptr, drawn.numel, mean, std, 0);
      put(out, rt, exp(rt, [drawn]));
    },
  ),
  geometric_: drawing(
    'geometric_',
    'GeometricBackward0',
    { p: float() },
    ({ p }: { p: number }) => {
      if (!(p > 0 && p < 1)) refuse(`geometric_ expects p to be in (0, 1), but got p=${p}`);
    },
    ({ p }: { p: number }, out: Tensor, rt: Runtime) => {
      const ratio = times(rt, [log(rt, [uniform(out, rt)]), number(rt, 1 / Math.log1p(-p))]);
      put(out, rt, ceil(rt, [ratio]));
    },
  ),
});
