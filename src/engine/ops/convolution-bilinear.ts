import { GraddError } from '../errors.ts';
import { type DType, notImplementedFor } from '../tensor/dtype.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { composite, fusedOp, type Op } from './define.ts';
import { product } from './fold.ts';
import { ints, maybeTensor, tensor } from './params.ts';

/** A tensor and which index each of its dimensions is. */
interface Factor {
  readonly value: Value;
  readonly dims: readonly number[];
}

const sizeOf = ({ value, dims }: Factor, index: number): number => value.size(dims.indexOf(index));

/** A factor with its dimensions in another order, seen as a batch of matrices. */
function matrices({ value, dims }: Factor, groups: readonly (readonly number[])[]): Value {
  const order = groups.flat();
  const moved = value.permute(order.map((index) => dims.indexOf(index)));
  return moved.reshape(groups.map((group) => product(group.map((index) => sizeOf({ value, dims }, index)))));
}

/** The product of two factors, summed over indices that both or one of them have. */
function contracted(a: Factor, b: Factor, over: readonly number[]): Factor {
  const both = a.dims.filter((index) => b.dims.includes(index));
  const summed = both.filter((index) => over.includes(index));
  const batch = both.filter((index) => !over.includes(index));
  const [x, y] = [alone(a, b, over), alone(b, a, over)];
  const [rows, columns] = [x, y].map(({ dims }) => dims.filter((index) => !both.includes(index))) as [
    number[],
    number[],
  ];
  const out = matrices(x, [batch, rows, summed]).bmm(matrices(y, [batch, summed, columns]));
  const sizes = [
    ...[...batch, ...rows].map((index) => sizeOf(x, index)),
    ...columns.map((index) => sizeOf(y, index)),
  ];
  return { value: out.reshape(sizes), dims: [...batch, ...rows, ...columns] };
}

/** A factor summed over the indices that the other does not have. */
function alone({ value, dims }: Factor, other: Factor, over: readonly number[]): Factor {
  const gone = dims.filter((index) => over.includes(index) && !other.dims.includes(index));
  if (gone.length === 0) return { value, dims };
  const kept = dims.filter((index) => !gone.includes(index));
  return { value: value.sum(gone.map((index) => dims.indexOf(index))), dims: kept };
}

/** The indices of the dimensions of a factor: those of all, in order, without those that it lacks. */
function factor(value: Value, missing: readonly number[], count: number): Factor {
  const dims = Array.from({ length: count }, (_, index) => index).filter((index) => !missing.includes(index));
  return { value, dims };
}

const cName: Record<DType, string> = {
  float64: 'double',
  float32: 'float',
  int64: 'long int',
  int32: 'int',
  bool: 'bool',
};

function checkDTypes(parts: Record<string, Value | null>): void {
  const given = Object.entries(parts).filter((part): part is [string, Value] => part[1] !== null);
  const first = (given[0] as [string, Value])[1].dtype;
  if (given.every(([, { dtype }]) => dtype === first)) return;
  const list = given.map(([name, { dtype }]) => `${name}: ${cName[dtype]}`).join(', ');
  throw new GraddError('dtype-mismatch', `All tensors must have the same dtype, got ${list}`);
}

function checkShapes(input1: Value, input2: Value, weight: Value, bias: Value | null): void {
  const complain = (message: string): never => {
    throw new GraddError('shape-mismatch', `bilinear(): ${message}`);
  };
  const dim = (x: Value, d: number): number => {
    if (x.ndim > 0) return x.shape[normalizeDim(d, x.ndim)] as number;
    throw new GraddError('invalid-argument', `Dimension specified as ${d} but tensor has no dimensions`);
  };
  if (input1.ndim !== input2.ndim)
    complain(`input dimensions do not match: got ${input1.ndim} and ${input2.ndim}`);
  for (let d = 0; d < input1.ndim - 1; d++) {
    if (input1.size(d) === input2.size(d)) continue;
    complain(`input batch dimensions do not match at dim ${d}: got ${input1.size(d)} and ${input2.size(d)}`);
  }
  [input1, input2].forEach((x, i) => {
    const [found, wanted] = [dim(x, -1), dim(weight, i + 1)];
    if (found === wanted) return;
    complain(`input${i + 1} size does not match weight size: got ${found} but expected ${wanted}`);
  });
  if (bias === null || dim(bias, 0) === dim(weight, 0)) return;
  complain(`bias size does not match weight size: got ${bias.size(0)} but expected ${weight.size(0)}`);
}

const indices = { expand1: ints(), expand2: ints(), expand3: ints(), sumdim: ints() };

/** Products of three tensors. */
export const convolutionBilinearOps = {
  'nn.functional.bilinear': composite({
    doc: 'input1[i] weight[o, i, j] input2[j] + bias[o], summed over i and j.',
    aliases: ['bilinear'],
    on: ['torch', 'F'],
    params: { input1: tensor(), input2: tensor(), weight: tensor(), bias: maybeTensor() },
    compose({ input1, input2, weight, bias }, { call }) {
      checkDTypes({ input1, input2, weight, bias });
      checkShapes(input1, input2, weight, bias);
      if (input1.dtype === 'bool') notImplementedFor('bmm', 'bool');
      const out = call('_trilinear', {
        i1: input1.reshape([-1, input1.size(-1)]),
        i2: weight,
        i3: input2.reshape([-1, input2.size(-1)]),
        expand1: [1, 3],
        expand2: [0],
        expand3: [1, 2],
        sumdim: [2, 3],
      }) as Value;
      const shaped = out.reshape([...input1.shape.slice(0, -1), weight.size(0)]);
      return bias === null ? shaped : shaped.add(bias);
    },
  }),
  _trilinear: fusedOp({
    doc: 'The product of three tensors with dimensions put in at `expand`, summed over `sumdim`.',
    internal: true,
    params: { i1: tensor(), i2: tensor(), i3: tensor(), ...indices },
    gradFn: 'TrilinearBackward0',
    forward({ i1, i2, i3, expand1, expand2, expand3, sumdim }) {
      const count = i1.ndim + expand1.length;
      const [a, b, c] = [factor(i1, expand1, count), factor(i2, expand2, count), factor(i3, expand3, count)];
      const first = contracted(
        a,
        b,
        sumdim.filter((index) => !c.dims.includes(index)),
      );
      const { value, dims } = contracted(first, c, sumdim);
      const order = [...dims].sort((x, y) => x - y);
      return value.permute(order.map((index) => dims.indexOf(index)));
    },
    vjp: {
      i1: ({ g, i2, i3, expand1, expand2, expand3, sumdim }) =>
        g.apply('_trilinear', { i1: g, i2, i3, expand1: sumdim, expand2, expand3, sumdim: expand1 }),
      i2: ({ g, i1, i3, expand1, expand2, expand3, sumdim }) =>
        g.apply('_trilinear', { i1, i2: g, i3, expand1, expand2: sumdim, expand3, sumdim: expand2 }),
      i3: ({ g, i1, i2, expand1, expand2, expand3, sumdim }) =>
        g.apply('_trilinear', { i1, i2, i3: g, expand1, expand2, expand3: sumdim, sumdim: expand3 }),
    },
  }),
} satisfies Record<string, Op>;
