import type { Shape } from '../tensor/layout.ts';
import { Tensor } from '../tensor/tensor.ts';
import { freed } from './eager.ts';
import { classNameOf, type SessionNode, savedBy } from './graph.ts';
import type { Tensors } from './tensors.ts';
import type { Variable } from './variable.ts';

type Plain = number | bigint | boolean | string | null;

/** What a node has saved: ints as `bigint`, so that they are told from floats. */
export type Saved = Variable | Plain | readonly bigint[];

type SavedValue = Tensor | Operand | Plain | readonly bigint[];

/** A number in the place of a tensor, of which PyTorch makes one. */
class Operand {
  readonly value: number | bigint;

  constructor(value: number | bigint) {
    this.value = value;
  }
}

type Read = (node: SessionNode) => SavedValue | undefined;

const requiresGrad = (arg: unknown): boolean => arg instanceof Tensor && arg.requiresGrad;

/** A tensor whose values are there as long as the node is not released: those that its rules can see. */
const tensor =
  (name: string, neededBy?: string): Read =>
  (node) => {
    if (neededBy !== undefined && !requiresGrad(node[neededBy])) return null;
    const value = node[name] as Tensor | number | bigint;
    if (typeof value === 'number' || typeof value === 'bigint') return new Operand(value);
    return savedBy(node.op).includes(name) ? value : undefined;
  };

const scalar =
  (name: string): Read =>
  (node) =>
    node[name] as SavedValue;

/** A dimension as PyTorch keeps it: without a sign. */
const unsigned = (dim: unknown): bigint => BigInt.asUintN(64, BigInt(dim as number));

const dim =
  (name = 'dim'): Read =>
  (node) =>
    unsigned(node[name]);

const dims =
  (name = 'dim'): Read =>
  (node) => {
    const value = node[name];
    if (value === null || value === undefined) return null;
    return (Array.isArray(value) ? value : [value]).map(unsigned);
  };

const ints = (list: Shape): bigint[] => list.map(BigInt);
const sizes =
  (name: string): Read =>
  (node) =>
    ints((node[name] as Tensor).shape);
const strides =
  (name: string): Read =>
  (node) =>
    requiresGrad(node[name]) ? ints((node[name] as Tensor).layout.strides) : [];

type Names = Readonly<Record<string, Read>>;

const self: Names = { self: tensor('self') };
const result: Names = { result: tensor('out') };
const selfSizes: Names = { self_sym_sizes: sizes('self') };
const keepdim: Names = { keepdim: scalar('keepdim') };
const numel: Names = { self_sym_numel: ({ self: from }) => BigInt((from as Tensor).numel) };

/** The factors of a product, each saved for the gradient of the other. */
const factors = (a: string, b: string): Names => ({ [a]: tensor(a, b), [b]: tensor(b, a) });
const matrix = (name: string): Names => ({
  [`${name}_sym_sizes`]: sizes(name),
  [`${name}_sym_strides`]: strides(name),
});

/** What PyTorch saves on its nodes, by the names of their classes. */
const saved: Readonly<Record<string, Names>> = {
  MulBackward0: factors('self', 'other'),
  DivBackward0: { self: tensor('self', 'other'), other: tensor('other') },
  PowBackward0: { ...self, exponent: scalar('exponent') },
  PowBackward1: { ...self, exponent: tensor('exponent'), ...result },
  ExpBackward0: result,
  SqrtBackward0: result,
  RsqrtBackward0: result,
  ReciprocalBackward0: result,
  SigmoidBackward0: result,
  TanhBackward0: result,
  ReluBackward0: result,
  TanBackward0: result,
  LogBackward0: self,
  Log2Backward0: self,
  Log10Backward0: self,
  Log1PBackward0: self,
  AbsBackward0: self,
  SinBackward0: self,
  CosBackward0: self,
  ErfBackward0: self,
  AtanBackward0: self,
  SiluBackward0: { self: tensor('input') },
  MmBackward0: { ...factors('self', 'mat2'), ...matrix('self'), ...matrix('mat2') },
  AddmmBackward0: {
    ...factors('mat1', 'mat2'),
    ...matrix('mat1'),
    ...matrix('mat2'),
    alpha: scalar('alpha'),
    beta: scalar('beta'),
  },
  BmmBackward0: factors('self', 'mat2'),
  MvBackward0: factors('self', 'vec'),
  DotBackward0: factors('self', 'tensor'),
  AddBackward0: { alpha: scalar('alpha') },
  SubBackward0: { alpha: scalar('alpha') },
  SumBackward0: selfSizes,
  SumBackward1: { ...selfSizes, ...keepdim, dim: dims() },
  MeanBackward0: { ...selfSizes, ...numel },
  MeanBackward1: { ...selfSizes, ...numel, ...keepdim, dim: dims() },
  SoftmaxBackward0: { ...result, dim: dim() },
  LogSoftmaxBackward0: { ...result, dim: dim() },
  LogsumexpBackward0: { ...self, ...result, ...keepdim, dim: dims() },
  CumsumBackward0: { dim: dim() },
  MaximumBackward0: { self: tensor('self'), other: tensor('other') },
  MinimumBackward0: { self: tensor('self'), other: tensor('other') },
  Atan2Backward0: { self: tensor('self'), other: tensor('other') },
  WhereBackward0: { condition: tensor('condition') },
  ViewBackward0: selfSizes,
  ExpandBackward0: selfSizes,
  UnsqueezeBackward0: { dim: dim() },
  TransposeBackward0: { dim0: dim('dim0'), dim1: dim('dim1') },
  PermuteBackward0: { dims: dims('dims') },
  CatBackward0: { dim: dim() },
  StackBackward0: { dim: dim() },
};

/**
 * What a node has saved under a name; undefined where there is no such name.
 *
 * @param unpack makes a variable of a tensor whose values are still there
 */
export function savedOf(
  session: Tensors,
  node: SessionNode,
  name: string,
  unpack: (t: Tensor) => Variable,
): Saved | undefined {
  const names = saved[classNameOf(node)];
  const value = names !== undefined && Object.hasOwn(names, name) ? names[name]?.(node) : undefined;
  if (!(value instanceof Tensor || value instanceof Operand)) return value;
  if (node.released) throw freed();
  if (value instanceof Tensor) return unpack(value);
  return session.variable(value.value, [], typeof value.value === 'bigint' ? 'int64' : 'float64');
}
