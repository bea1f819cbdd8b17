import { GraddError } from '../errors.ts';
import { facts } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, fusedOp, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { flag, int, ints, maybeFlag, tensor, text } from './params.ts';
import { floats, invalid, list, misshapen, needDType, three } from './pooling-windows.ts';
import type { Runtime } from './runtime.ts';

/** How a grid is read; `orders` are those of the derivatives along each dimension, from the first. */
interface GridArgs {
  mode: number;
  padding: number;
  corners: boolean;
  orders: number[];
}

const attributes = () => ({ mode: int(), padding: int(), corners: flag(), orders: ints() });

const attributesOf = ({ mode, padding, corners, orders }: GridArgs): GridArgs => ({
  mode,
  padding,
  corners,
  orders,
});

const NEAREST = 1;
const BICUBIC = 2;

function checkGrid(n: number, input: Value, grid: Value, { mode }: GridArgs): void {
  const sizes = `but got input with sizes ${list(input.shape)} and grid with sizes ${list(grid.shape)}`;
  if (input.shape[0] !== grid.shape[0]) {
    throw misshapen(`grid_sampler(): expected grid and input to have same batch size, ${sizes}`);
  }
  if (grid.shape.at(-1) !== input.ndim - 2) {
    throw misshapen(
      `grid_sampler(): expected grid to have size ${input.ndim - 2} in last dimension, but got grid with sizes ${list(grid.shape)}`,
    );
  }
  const empty = input.shape.findIndex((size, i) => i > 1 && size === 0);
  if (empty >= 0) {
    throw misshapen(
      `grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes ${list(input.shape)} with dimension ${empty} being empty`,
    );
  }
  if (input.ndim !== n + 2 || grid.ndim !== n + 2) {
    throw misshapen(
      `grid_sampler(): expected ${n + 2}D input and grid with same number of dimensions, ${sizes}`,
    );
  }
  if (n === 3 && mode === BICUBIC)
    throw invalid('grid_sampler(): bicubic interpolation only supports 4D input');
  needDType(n === 2 ? 'grid_sampler_2d_cpu_kernel_impl' : 'grid_sampler3d_cpu', input, floats);
  if (input.dtype === grid.dtype) return;
  const [want, got] = [facts[input.dtype].scalarType, facts[grid.dtype].scalarType];
  throw new GraddError('dtype-mismatch', `expected scalar type ${want} but found ${got}`);
}

function run(
  rt: Runtime,
  kernel: 'grid_sample' | 'grid_sample_backward',
  n: number,
  from: Tensor,
  grid: Tensor,
  input: Value,
  args: GridArgs,
  out: Tensor,
): void {
  if (out.numel === 0) return;
  const { mode, padding, corners, orders } = args;
  const points = product(grid.shape.slice(1, -1));
  const [batch, channels] = input.shape as [number, number];
  const sizes = three(input.shape.slice(2));
  const how = [mode, padding, Number(corners), Number(n === 2), ...three(orders, 0)];
  const [x, places] = [rt.contiguous(from).ptr, rt.contiguous(grid).ptr];
  rt.kernelFor(kernel, out.dtype)(out.ptr, x, places, batch, channels, ...sizes, points, ...how);
}

/** One order more along coordinate j: the grid's coordinates go from the last dimension to the first. */
const raised = (args: GridArgs, j: number): GridArgs => ({
  ...attributesOf(args),
  orders: args.orders.map((order, d) => (d === args.orders.length - 1 - j ? order + 1 : order)),
});

/** Sampling `n` dimensions; its gradients for the input (`_backward_input`) and for the grid (`_backward_grid`). */
function sampler(n: number): [string, Op][] {
  const key = `_grid_sample${n}d`;
  const coordinates = Array.from({ length: n }, (_, j) => j);
  const gradFn = `GridSampler${n}DBackwardBackward0`;
  const gradParams = () => ({ grad_output: tensor(), input: tensor(), grid: tensor(), ...attributes() });
  const sample = op({
    doc: `The input, of ${n} dimensions, at the places of a grid.`,
    internal: true,
    gradFn: `GridSampler${n}DBackward0`,
    params: { input: tensor(), grid: tensor(), ...attributes() },
    meta({ input, grid, ...args }) {
      checkGrid(n, input, grid, args);
      return { dtype: input.dtype, shape: [...input.shape.slice(0, 2), ...grid.shape.slice(1, -1)] };
    },
    run: ({ input, grid, ...args }, out, rt) => run(rt, 'grid_sample', n, input, grid, input, args, out),
    vjp: {
      input: ({ g, input, grid, ...args }) =>
        g.apply(`${key}_backward_input`, { ...attributesOf(args), grad_output: g, input, grid }),
      grid: ({ g, input, grid, ...args }) =>
        g.apply(`${key}_backward_grid`, { ...attributesOf(args), grad_output: g, input, grid }),
    },
  });
  const backwardInput = op({
    doc: `The gradient of a sample for its input.`,
    internal: true,
    gradFn,
    params: gradParams(),
    meta: ({ input, grad_output }) => ({ dtype: grad_output.dtype, shape: input.shape }),
    run: ({ grad_output, input, grid, ...args }, out, rt) =>
      run(rt, 'grid_sample_backward', n, grad_output, grid, input, args, out),
    vjp: {
      grad_output: ({ g, grid, ...args }) => g.apply(key, { ...attributesOf(args), input: g, grid }),
      input: () => null,
      grid: ({ g, grad_output, grid, ...args }) =>
        g.apply(`${key}_backward_grid`, { ...attributesOf(args), grad_output, input: g, grid }),
    },
  });
  /** g at coordinate j, with a dimension for the channels. */
  const along = (g: Value, j: number) => g.select(-1, j).unsqueeze(1);
  const sum = (parts: Value[]): Value => parts.reduce((a, b) => a.add(b));
  const backwardGrid = fusedOp({
    doc: 'The gradient of a sample for its grid.',
    internal: true,
    gradFn,
    params: gradParams(),
    forward({ grad_output, input, grid, ...args }, { call }) {
      const parts = coordinates.map((j) =>
        (call(key, { ...raised(args, j), input, grid }) as Value).mul(grad_output).sum([1]),
      );
      return call('stack', { tensors: parts, dim: -1 }) as Value;
    },
    vjp: {
      grad_output: ({ g, input, grid, ...args }) =>
        sum(coordinates.map((j) => g.apply(key, { ...raised(args, j), input, grid }).mul(along(g, j)))),
      input: ({ g, grad_output, input, grid, ...args }) =>
        args.mode === NEAREST
          ? null
          : sum(
              coordinates.map((j) =>
                g.apply(`${key}_backward_input`, {
                  ...raised(args, j),
                  grad_output: grad_output.mul(along(g, j)),
                  input,
                  grid,
                }),
              ),
            ),
      grid: ({ g, grad_output, input, grid, ...args }) =>
        sum(
          coordinates.map((j) =>
            g.apply(`${key}_backward_grid`, {
              ...raised(args, j),
              grad_output: grad_output.mul(along(g, j)),
              input,
              grid,
            }),
          ),
        ),
    },
  });
  return [
    [key, sample],
    [`${key}_backward_input`, backwardInput],
    [`${key}_backward_grid`, backwardGrid],
  ];
}

const MODES = ['bilinear', 'nearest', 'bicubic'];
const PADDINGS = ['zeros', 'border', 'reflection'];

/** PyTorch takes any other number for the last of them. */
const known = (value: number): number => (value === 0 || value === 1 ? value : 2);

function grid(
  n: number,
  input: Value,
  at: Value,
  args: Omit<GridArgs, 'orders'>,
  { call }: CompositeContext,
): Value {
  const orders = Array.from({ length: n }, () => 0);
  const [mode, padding] = [known(args.mode), args.padding === 1 || args.padding === 2 ? args.padding : 0];
  return call(`_grid_sample${n}d`, {
    input,
    grid: at,
    mode,
    padding,
    corners: args.corners,
    orders,
  }) as Value;
}

const publicSampler = (n: number | null): Op =>
  composite({
    doc: `The input at the places of a grid${n === null ? '' : `, in ${n} dimensions`}; modes are numbers.`,
    on: ['torch'],
    params: {
      input: tensor(),
      grid: tensor(),
      interpolation_mode: int(),
      padding_mode: int(),
      align_corners: flag(),
    },
    compose: ({ input, grid: at, interpolation_mode, padding_mode, align_corners }, context) =>
      grid(
        n ?? (input.ndim === 5 ? 3 : 2),
        input,
        at,
        { mode: interpolation_mode, padding: padding_mode, corners: align_corners },
        context,
      ),
  });

/** Samples at the places of a grid. */
export const gridOps: Record<string, Op> = {
  ...Object.fromEntries([2, 3].flatMap(sampler)),
  grid_sampler: publicSampler(null),
  grid_sampler_2d: publicSampler(2),
  grid_sampler_3d: publicSampler(3),
  'nn.functional.grid_sample': composite({
    doc: 'The input at the places of a grid, whose coordinates go from -1 to 1.',
    params: {
      input: tensor(),
      grid: tensor(),
      mode: text('bilinear'),
      padding_mode: text('zeros'),
      align_corners: maybeFlag(),
    },
    compose({ input, grid: at, mode, padding_mode, align_corners }, context) {
      if (!MODES.includes(mode)) {
        throw invalid(
          `nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${mode}'`,
        );
      }
      if (!PADDINGS.includes(padding_mode)) {
        throw invalid(
          `nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '${padding_mode}'`,
        );
      }
      const args = {
        mode: MODES.indexOf(mode),
        padding: PADDINGS.indexOf(padding_mode),
        corners: align_corners ?? false,
      };
      return grid(input.ndim === 5 ? 3 : 2, input, at, args, context);
    },
  }),
};
