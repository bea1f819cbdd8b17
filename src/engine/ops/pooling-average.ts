import { normalizeDim, type Shape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import { flag, ints, maybeInt, maybeInts, tensor } from './params.ts';
import { lone, need1d } from './pooling-max.ts';
import {
  invalid,
  misshapen,
  needDType,
  type Pool,
  type PoolArgs,
  planesOf,
  poolOf,
  poolWindows,
  runAverage,
  withSpatial,
} from './pooling-windows.ts';

const poolParams = () => ({
  kernel_size: ints(),
  stride: maybeInts(),
  padding: ints([0]),
  ceil_mode: flag(),
  count_include_pad: flag(true),
  divisor_override: maybeInt(),
});

interface AverageArgs extends PoolArgs {
  count_include_pad: boolean;
  divisor_override: number | null;
}

const dtypes = ['float64', 'float32', 'int64'] as const;

function geometry(n: 2 | 3, shape: Shape, args: AverageArgs): Pool {
  if (n === 3 && shape.length !== 4 && shape.length !== 5) {
    throw misshapen('non-empty 4D or 5D (batch mode) tensor expected for input');
  }
  if (n === 2) normalizeDim(-3, shape.length);
  if (args.divisor_override === 0) throw invalid('divisor must be not zero');
  return poolOf(`avg_pool${n}d`, n, args, shape, n === 2 ? 'avg2' : 'avg3');
}

const average = (n: 2 | 3): Op =>
  op({
    doc: `The mean of each window of ${n} dimensions.`,
    on: ['F'],
    gradFn: `AvgPool${n}DBackward0`,
    params: { self: tensor(), ...poolParams() },
    meta({ self, ...args }) {
      const { out } = geometry(n, self.shape, args);
      needDType(n === 2 ? 'avg_pool2d' : 'avg_pool3d_out_frame', self, dtypes);
      return { dtype: self.dtype, shape: withSpatial(self.shape, out) };
    },
    run({ self, ...args }, out, rt) {
      const windows = poolWindows(rt, geometry(n, self.shape, args), args.count_include_pad);
      runAverage(rt, 'avg_pool', self, windows, planesOf(self.shape, n), args.divisor_override ?? 0, out);
    },
    vjp: {
      self: ({ g, out: _, ...args }) =>
        g.apply(`avg_pool${n}d_backward`, { ...argumentsOf(args), grad_output: g, self: args.self }),
    },
  });

/** The arguments of a pool without what else is in a rule's scope. */
const argumentsOf = (args: AverageArgs): AverageArgs => ({
  kernel_size: args.kernel_size,
  stride: args.stride,
  padding: args.padding,
  ceil_mode: args.ceil_mode,
  count_include_pad: args.count_include_pad,
  divisor_override: args.divisor_override,
});

const averageBackward = (n: 2 | 3): Op =>
  op({
    doc: `The gradient of avg_pool${n}d.`,
    internal: true,
    gradFn: `AvgPool${n}DBackwardBackward0`,
    params: { grad_output: tensor(), self: tensor(), ...poolParams() },
    meta: ({ self, grad_output }) => ({ dtype: grad_output.dtype, shape: self.shape }),
    run({ grad_output, self, ...args }, out, rt) {
      const windows = poolWindows(rt, geometry(n, self.shape, args), args.count_include_pad);
      const divisor = args.divisor_override ?? 0;
      runAverage(rt, 'avg_pool_backward', grad_output, windows, planesOf(self.shape, n), divisor, out);
    },
    vjp: {
      grad_output: ({ g, out: _, ...args }) =>
        g.apply(`nn.functional.avg_pool${n}d`, { ...argumentsOf(args), self: g }),
      self: ({ self }) => self.zerosLike(),
    },
  });

const average1d = composite({
  doc: 'The mean of each window of one dimension.',
  on: ['torch', 'F'],
  aliases: ['avg_pool1d'],
  params: {
    self: tensor(),
    kernel_size: ints(),
    stride: maybeInts(),
    padding: ints([0]),
    ceil_mode: flag(),
    count_include_pad: flag(true),
  },
  compose({ self, kernel_size, stride, padding, ceil_mode, count_include_pad }, { call }) {
    const name = 'avg_pool1d';
    const k = lone(name, 'kernel_size', kernel_size);
    const s = stride === null || stride.length === 0 ? k : lone(name, 'stride', stride);
    const p = lone(name, 'padding', padding);
    need1d(name, self);
    const result = call('nn.functional.avg_pool2d', {
      self: self.unsqueeze(-2),
      kernel_size: [1, k],
      stride: [1, s],
      padding: [0, p],
      ceil_mode,
      count_include_pad,
    });
    return (result as Value).squeeze(-2);
  },
});

/** Pools of means. */
export const avgPoolOps = {
  'nn.functional.avg_pool1d': average1d,
  'nn.functional.avg_pool2d': average(2),
  'nn.functional.avg_pool3d': average(3),
  avg_pool2d_backward: averageBackward(2),
  avg_pool3d_backward: averageBackward(3),
} satisfies Record<string, Op>;
