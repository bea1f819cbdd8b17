import type { DType, Scalar } from './dtype.ts';
import type { Shape } from './layout.ts';

/** Arguments of an operation by the names of its parameters; what is left out takes its default. */
export type NamedArgs = Record<string, unknown>;

type Sketch = <T>(
  operands: readonly { readonly dtype: DType; readonly shape: Shape }[],
  body: (values: Value[], interpreter: Interpreter) => T,
) => T | null;

/** Who computes (eager) or records (static) the operations of a value. */
export interface Interpreter {
  call(op: string, args: NamedArgs): Value | Value[];
  /** As `call` for an elementwise operation of one operand and no attributes. */
  unary(op: string, self: Value): Value;
  /** As `call` for an elementwise operation of two operands and no attributes. */
  binary(op: string, self: Value | Scalar, other: Value | Scalar): Value;
  /** The dtype of Python floats: `torch.get_default_dtype()`. */
  readonly defaultDType: DType;
  /** A 0-d tensor of a Python number, which gives way in type promotion. */
  wrap(value: Scalar): Value;
  /**
   * Whether the only element of a tensor is not zero: Python's `bool()`.
   *
   * @param likely what it is unless the values are at fault: a graph that is compiled before there are values is
   *   compiled for that
   */
  truth(value: Value, likely?: boolean): boolean;
  /** The only element of a tensor: `item()`. */
  item(value: Value): Scalar;
  /** `torch.autograd.grad`: null for an input that the outputs do not depend on. */
  grad(
    outputs: Value[],
    inputs: Value[],
    gradOutputs: (Value | null)[],
    createGraph: boolean,
  ): (Value | null)[];
  /** Runs `body` without recording it. */
  quietly<T>(body: () => T): T;
  /** Whether operations are recorded. */
  readonly gradEnabled: boolean;
  /** Runs `body` with recording switched on or off. */
  withGrad<T>(enabled: boolean, body: () => T): T;
  /** Runs `body`, and says of its errors where in the request they happened. */
  within<T>(locate: (error: unknown) => unknown, body: () => T): T;
  /** A leaf with the elements of `value`, apart from its graph. */
  variable(value: Value, requiresGrad: boolean): Value;
  /** Counts a small step of work, so that a long loop can be ended. */
  tick(): void;
  /**
   * Runs `body` on values of which only dtype and shape are known; neither computes nor keeps anything. Null where it
   * depends on more.
   */
  readonly sketch: Sketch | undefined;
}

type Other = Value | Scalar;

/**
 * What gradient rules and composite operations are written against: an eager tensor computes as it is called, a node of
 * a static graph only records. The methods mirror PyTorch's.
 */
export abstract class Value {
  abstract readonly interpreter: Interpreter;
  abstract readonly dtype: DType;
  abstract readonly shape: Shape;
  /** It was a Python number: its dtype gives way in type promotion. */
  abstract readonly wrapped: boolean;
  abstract readonly requiresGrad: boolean;
  /** Row-major without gaps. */
  abstract readonly isContiguous: boolean;

  /** Whether `shape` (of as many elements) can be a view of it. */
  abstract viewable(shape: Shape): boolean;

  get ndim(): number {
    return this.shape.length;
  }

  get numel(): number {
    let n = 1;
    for (const size of this.shape) n *= size;
    return n;
  }

  /** The size of dimension `dim`, which may be negative. */
  size(dim: number): number {
    return this.shape[dim < 0 ? dim + this.shape.length : dim] as number;
  }

  /** Calls an operation of the table that has one result. */
  apply(op: string, args: NamedArgs): Value {
    return this.interpreter.call(op, args) as Value;
  }

  /** Calls an operation of the table that has several results. */
  applyAll(op: string, args: NamedArgs): Value[] {
    return this.interpreter.call(op, args) as Value[];
  }

  private bin(op: string, other: Other): Value {
    return this.interpreter.binary(op, this, other);
  }

  private un(op: string): Value {
    return this.interpreter.unary(op, this);
  }

  add(other: Other): Value {
    return this.bin('add', other);
  }
  sub(other: Other): Value {
    return this.bin('sub', other);
  }
  mul(other: Other): Value {
    return this.bin('mul', other);
  }
  div(other: Other): Value {
    return this.bin('div', other);
  }
  atan2(other: Other): Value {
    return this.bin('atan2', other);
  }
  maximum(other: Other): Value {
    return this.bin('maximum', other);
  }
  minimum(other: Other): Value {
    return this.bin('minimum', other);
  }
  eq(other: Other): Value {
    return this.bin('eq', other);
  }
  ne(other: Other): Value {
    return this.bin('ne', other);
  }
  lt(other: Other): Value {
    return this.bin('lt', other);
  }
  le(other: Other): Value {
    return this.bin('le', other);
  }
  gt(other: Other): Value {
    return this.bin('gt', other);
  }
  ge(other: Other): Value {
    return this.bin('ge', other);
  }
  logicalAnd(other: Other): Value {
    return this.bin('logical_and', other);
  }
  logicalOr(other: Other): Value {
    return this.bin('logical_or', other);
  }
  logicalNot(): Value {
    return this.un('logical_not');
  }
  isnan(): Value {
    return this.un('isnan');
  }
  neg(): Value {
    return this.un('neg');
  }
  abs(): Value {
    return this.un('abs');
  }
  sign(): Value {
    return this.un('sign');
  }
  sgn(): Value {
    return this.un('sgn');
  }
  exp(): Value {
    return this.un('exp');
  }
  exp2(): Value {
    return this.un('exp2');
  }
  expm1(): Value {
    return this.un('expm1');
  }
  log(): Value {
    return this.un('log');
  }
  log1p(): Value {
    return this.un('log1p');
  }
  sqrt(): Value {
    return this.un('sqrt');
  }
  rsqrt(): Value {
    return this.un('rsqrt');
  }
  reciprocal(): Value {
    return this.un('reciprocal');
  }
  sin(): Value {
    return this.un('sin');
  }
  cos(): Value {
    return this.un('cos');
  }
  sinh(): Value {
    return this.un('sinh');
  }
  cosh(): Value {
    return this.un('cosh');
  }
  tanh(): Value {
    return this.un('tanh');
  }
  sigmoid(): Value {
    return this.un('sigmoid');
  }
  erf(): Value {
    return this.un('erf');
  }
  floor(): Value {
    return this.un('floor');
  }
  trunc(): Value {
    return this.un('trunc');
  }
  /** `other - self`. */
  rsub(other: Other): Value {
    return this.apply('rsub', { self: this, other });
  }
  pow(exponent: Other): Value {
    return this.apply('pow', { self: this, exponent });
  }
  /** `self` where `condition` holds, else `other`. */
  where(condition: Value, other: Other): Value {
    return this.apply('where', { condition, self: this, other });
  }
  maskedFill(mask: Value, value: Other): Value {
    return this.apply('masked_fill', { self: this, mask, value });
  }

  /** Sum over `dim`; over everything where it is left out. */
  sum(dim?: readonly number[], keepdim = false): Value {
    return this.apply('sum', { self: this, dim: dim ?? null, keepdim });
  }
  mean(dim?: readonly number[], keepdim = false): Value {
    return this.apply('mean', { self: this, dim: dim ?? null, keepdim });
  }
  prod(dim: number, keepdim = false): Value {
    return this.apply('prod', { self: this, dim, keepdim });
  }
  amax(dim: readonly number[] = [], keepdim = false): Value {
    return this.apply('amax', { self: this, dim, keepdim });
  }
  cumsum(dim: number): Value {
    return this.apply('cumsum', { self: this, dim });
  }
  cumprod(dim: number): Value {
    return this.apply('cumprod', { self: this, dim });
  }

  matmul(other: Value): Value {
    return this.apply('matmul', { self: this, other });
  }
  mm(mat2: Value): Value {
    return this.apply('mm', { self: this, mat2 });
  }
  bmm(mat2: Value): Value {
    return this.apply('bmm', { self: this, mat2 });
  }
  mv(vec: Value): Value {
    return this.apply('mv', { self: this, vec });
  }
  dot(tensor: Value): Value {
    return this.apply('dot', { self: this, tensor });
  }

  t(): Value {
    return this.apply('t', { self: this });
  }
  get mT(): Value {
    return this.transpose(-2, -1);
  }
  transpose(dim0: number, dim1: number): Value {
    return this.apply('transpose', { self: this, dim0, dim1 });
  }
  permute(dims: readonly number[]): Value {
    return this.apply('permute', { self: this, dims });
  }
  reshape(shape: Shape): Value {
    return this.apply('reshape', { self: this, shape });
  }
  view(shape: Shape): Value {
    return this.apply('view', { self: this, size: shape });
  }
  expand(shape: Shape): Value {
    return this.apply('expand', { self: this, size: shape });
  }
  unsqueeze(dim: number): Value {
    return this.apply('unsqueeze', { self: this, dim });
  }
  squeeze(dim?: number | readonly number[]): Value {
    return this.apply('squeeze', { self: this, dim: dim ?? null });
  }
  select(dim: number, index: number): Value {
    return this.apply('select', { self: this, dim, index });
  }
  slice(dim: number, start: number, end: number, step = 1): Value {
    return this.apply('slice', { self: this, dim, start, end, step });
  }
  narrow(dim: number, start: number, length: number): Value {
    return this.apply('narrow', { self: this, dim, start, length });
  }
  flip(dims: readonly number[]): Value {
    return this.apply('flip', { self: this, dims });
  }
  gather(dim: number, index: Value): Value {
    return this.apply('gather', { self: this, dim, index });
  }
  scatterAdd(dim: number, index: Value, src: Value): Value {
    return this.apply('scatter_add', { self: this, dim, index, src });
  }
  indexSelect(dim: number, index: Value): Value {
    return this.apply('index_select', { self: this, dim, index });
  }
  tril(diagonal = 0): Value {
    return this.apply('tril', { self: this, diagonal });
  }
  triu(diagonal = 0): Value {
    return this.apply('triu', { self: this, diagonal });
  }

  /** The same elements as another dtype; itself where it has that dtype. */
  to(dtype: DType): Value {
    return this.dtype === dtype ? this : this.apply('_to_copy', { self: this, dtype });
  }
  detach(): Value {
    return this.apply('detach', { self: this });
  }
  clone(): Value {
    return this.apply('clone', { self: this });
  }
  contiguous(): Value {
    return this.apply('contiguous', { self: this });
  }
  /** A constant tensor filled with `value`, with this value's dtype unless another is given. */
  newFull(shape: Shape, value: Scalar, dtype: DType = this.dtype): Value {
    return this.apply('full', { size: shape, fill_value: value, dtype });
  }
  newZeros(shape: Shape): Value {
    return this.newFull(shape, 0);
  }
  zerosLike(): Value {
    return this.newFull(this.shape, 0);
  }
  onesLike(): Value {
    return this.newFull(this.shape, 1);
  }
}
