import { GraddError } from '../errors.ts';
import { broadcastShapes, expandLayout, type Shape, sameShape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, eagerOp, type Op, op } from './define.ts';
import { product } from './fold.ts';
import { checkedIndex } from './index-values.ts';
import { Ellipsis, type IndexItem, indexList, ints, Slice, tensor, tensorList } from './params.ts';
import { pointwiseKernel } from './pointwise-op.ts';
import type { Runtime } from './runtime.ts';

const refuse = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

/** A list of indices some of which are tensors, null for a dimension that is taken whole. */
type TensorIndices = (Value | null)[];

/** How many dimensions of the tensor an entry consumes. */
function consumed(item: IndexItem): number {
  if (item === null || item instanceof Ellipsis || typeof item === 'boolean') return 0;
  return item instanceof Value && item.dtype === 'bool' ? item.ndim : 1;
}

function checkItem(item: IndexItem): void {
  if (item instanceof Value && !['int64', 'int32', 'bool'].includes(item.dtype)) {
    refuse('tensors used as indices must be long, int, byte or bool tensors');
  }
  const known =
    item === null ||
    typeof item === 'boolean' ||
    item instanceof Value ||
    item instanceof Slice ||
    item instanceof Ellipsis;
  if (known || Number.isInteger(item)) return;
  const type = typeof item === 'number' ? 'float' : typeof item === 'string' ? 'str' : 'list';
  refuse(
    `only integers, slices (\`:\`), ellipsis (\`...\`), None and long or byte Variables are valid indices (got ${type})`,
  );
}

const isFull = ({ start, stop, step }: Slice, size: number): boolean =>
  (start ?? 0) === 0 && (stop ?? size) >= size && (step ?? 1) === 1;

function checkStep({ step }: Slice): number {
  if (step === 0) refuse('slice step cannot be zero');
  if (step !== null && step < 0) refuse('step must be greater than zero');
  return step ?? 1;
}

/** Walks over the entries of an index from left to right: views first, tensors kept for one advanced index. */
class Indexer {
  private value: Value;
  private dim = 0;
  private readonly tensors: TensorIndices = [];
  private readonly alone: boolean;
  private readonly context: CompositeContext;

  constructor(self: Value, alone: boolean, context: CompositeContext) {
    this.value = self;
    this.alone = alone;
    this.context = context;
  }

  apply(items: readonly IndexItem[]): Value {
    const self = this.value;
    const { value, tensors } = this.parts(items);
    if (tensors.some((t) => t !== null)) return value.apply('index', { self: value, indices: tensors });
    return value === self ? self.apply('alias', { self }) : value;
  }

  /** The view that the entries without tensors pick, and the tensors that pick of that. */
  parts(items: readonly IndexItem[]): { value: Value; tensors: TensorIndices } {
    const self = this.value;
    const used = items.reduce<number>((sum, item) => sum + consumed(item), 0);
    if (used > self.ndim) tooMany(self, items);
    for (const item of items) this.take(item, self.ndim - used);
    return { value: this.value, tensors: this.tensors };
  }

  private take(item: IndexItem, rest: number): void {
    if (item === null) this.skip(this.value.unsqueeze(this.dim), 1);
    else if (item instanceof Ellipsis) this.skip(this.value, rest);
    else if (item instanceof Slice) this.takeSlice(item);
    else if (typeof item === 'boolean') this.takeFlag(item);
    else if (typeof item === 'number') this.takeInt(item);
    else this.takeTensor(item);
  }

  private skip(value: Value, dims: number): void {
    this.value = value;
    this.dim += dims;
  }

  private takeSlice(slice: Slice): void {
    const step = checkStep(slice);
    const size = this.value.shape[this.dim] as number;
    const whole = isFull(slice, size) && !this.alone;
    const { start, stop } = slice;
    this.skip(whole ? this.value : this.value.slice(this.dim, start ?? 0, stop ?? size, step), 1);
  }

  private takeInt(index: number): void {
    const size = this.value.shape[this.dim] as number;
    if (index < -size || index >= size)
      refuse(`index ${index} is out of bounds for dimension ${this.dim} with size ${size}`);
    this.value = this.value.select(this.dim, index);
  }

  private takeFlag(flag: boolean): void {
    this.value = this.value.unsqueeze(this.dim);
    this.advance(this.value.newFull([flag ? 1 : 0], 0, 'int64'), 1);
  }

  private takeTensor(index: Value): void {
    if (index.ndim > 0) this.advance(index, index.dtype === 'bool' ? index.ndim : 1);
    else if (index.dtype === 'bool') this.takeFlag(this.context.truth(index));
    else this.takeInt(Number(this.context.item(index)));
  }

  private advance(index: Value, dims: number): void {
    this.tensors[this.dim] = index;
    for (let i = 0; i < this.dim; i++) this.tensors[i] ??= null;
    this.dim += dims;
  }
}

/** What `x[…] = …` writes to: a view of self, or self, and index tensors into that. */
export function putPlaces(
  self: Value,
  items: readonly IndexItem[],
  context: CompositeContext,
): { value: Value; tensors: TensorIndices } {
  items.forEach(checkItem);
  return new Indexer(self, false, context).parts(items);
}

function tooMany(self: Value, items: readonly IndexItem[]): never {
  if (self.ndim > 0 || items.some((item) => item instanceof Value))
    return refuse(`too many indices for tensor of dimension ${self.ndim}`);
  if (items.some((item) => item instanceof Slice))
    return refuse('slice() cannot be applied to a 0-dim tensor.');
  return refuse(
    'invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim ' +
      'tensor to a number',
  );
}

/** An advanced index made ready: which dimensions it replaces, and one int64 place for each picked slice. */
interface Plan {
  /** The dimensions of self with the indexed ones together. */
  readonly order: readonly number[];
  readonly outer: number;
  readonly picked: number;
  readonly inner: number;
  readonly places: Tensor;
  /** The shape of the result, and of the result before the indexed dimensions are in their place (the same). */
  readonly shape: Shape;
}

/** The indices by dimension: a mask stands for one index tensor for each of its dimensions. */
function byDimension(rt: Runtime, shape: Shape, indices: readonly (Tensor | null)[]): (Tensor | null)[] {
  const result: (Tensor | null)[] = [];
  indices.forEach((index) => {
    if (index === undefined) return;
    if (index === null || index.dtype !== 'bool') {
      result.push(index);
      return;
    }
    const d = result.length;
    if (!sameShape(index.shape, shape.slice(d, d + index.ndim))) {
      refuse(
        `The shape of the mask [${index.shape.join(', ')}] at index ${indices.indexOf(index)} does not match the shape of the ` +
          `indexed tensor [${shape.join(', ')}] at index ${d}`,
      );
    }
    result.push(...maskIndices(rt, index));
  });
  return result;
}

const divide = pointwiseKernel('div_floor');
const remainder = pointwiseKernel('remainder');
const multiply = pointwiseKernel('mul');
const sum = pointwiseKernel('add');

/** For each dimension of a mask, where its true elements are. */
function maskIndices(rt: Runtime, mask: Tensor): Tensor[] {
  const source = rt.contiguous(mask);
  const n = rt.kernel('count_nonzero_b8')(source.ptr, source.numel);
  const flat = rt.empty('int64', [n]);
  rt.kernel('nonzero_b8')(flat.ptr, source.ptr, source.numel);
  return mask.shape.map((size, d) => {
    const step = product(mask.shape.slice(d + 1));
    const above = step === 1 ? flat : divide(rt, [flat, rt.wrap(BigInt(Math.max(1, step)))]);
    return d === 0 ? above : remainder(rt, [above, rt.wrap(BigInt(Math.max(1, size)))]);
  });
}

function broadcastIndices(shapes: readonly Shape[]): Shape {
  try {
    return shapes.reduce(broadcastShapes);
  } catch {
    const list = shapes.map((shape) => `[${shape.join(', ')}]`).join(', ');
    throw new GraddError(
      'shape-mismatch',
      `shape mismatch: indexing tensors could not be broadcast together with shapes ${list}`,
    );
  }
}

export function planIndex(rt: Runtime, shape: Shape, given: readonly (Tensor | null)[]): Plan {
  const indices = byDimension(rt, shape, given);
  const dims = indices.flatMap((index, d) => (index === null ? [] : [d]));
  const tensors = dims.map((d) => indices[d] as Tensor);
  const common = broadcastIndices(tensors.map((t) => t.shape));
  const adjacent = dims.every((d, i) => d === (dims[0] as number) + i);
  const lead = adjacent ? (dims[0] as number) : 0;
  const rest = shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const order = [...rest.slice(0, lead), ...dims, ...rest.slice(lead)];
  const sizes = (list: readonly number[]): number[] => list.map((d) => shape[d] as number);
  const places = dims.reduce<Tensor | null>((total, d, i) => {
    const size = shape[d] as number;
    const complaint = (bad: number) => `index ${bad} is out of bounds for dimension ${d} with size ${size}`;
    const checked = checkedIndex(rt, tensors[i] as Tensor, size, complaint, true);
    return total === null ? checked : sum(rt, [multiply(rt, [total, rt.wrap(BigInt(size))]), checked]);
  }, null) as Tensor;
  const whole = rt.contiguous(rt.view(places, expandLayout(places.layout, common)));
  return {
    order,
    outer: product(sizes(rest.slice(0, lead))),
    picked: product(sizes(dims)),
    inner: product(sizes(rest.slice(lead))),
    places: whole,
    shape: [...sizes(rest.slice(0, lead)), ...common, ...sizes(rest.slice(lead))],
  };
}

export const ordered = (rt: Runtime, t: Tensor, order: readonly number[]): Tensor =>
  rt.strided(
    t,
    order.map((d) => t.shape[d] as number),
    order.map((d) => t.layout.strides[d] as number),
  );

/** Indexing as `x[…]`. */
export const getitemOps = {
  __getitem__: composite({
    doc: 'x[…]: integers, slices, None, an ellipsis, booleans and index tensors.',
    on: ['torch', 'Tensor'],
    params: { self: tensor(), indices: indexList() },
    compose({ self, indices }, context) {
      indices.forEach(checkItem);
      const alone = indices.length === 1;
      if (alone && indices[0] instanceof Ellipsis) return self.apply('alias', { self });
      return new Indexer(self, alone, context).apply(indices);
    },
  }),
  index: eagerOp({
    doc: 'The elements that index tensors name, broadcast together.',
    internal: true,
    params: { self: tensor(), indices: { ...tensorList(), holes: true } },
    eager({ self, indices }, rt) {
      const plan = planIndex(rt, self.shape, indices);
      const out = rt.empty(self.dtype, plan.shape);
      if (out.numel === 0) return out;
      const source = rt.contiguous(ordered(rt, self, plan.order)).ptr;
      const { outer, picked, inner, places } = plan;
      rt.moveKernel('index_select', self.dtype)(
        out.ptr,
        source,
        places.ptr,
        outer,
        picked,
        inner,
        places.numel,
      );
      return out;
    },
    vjp: {
      self: ({ g, self, indices }) =>
        g.apply('index_backward', { grad_output: g, input_sizes: self.shape, indices }),
      indices: null,
    },
  }),
  index_backward: op({
    doc: 'Zeros with the gradient added where the index tensors name.',
    internal: true,
    params: { grad_output: tensor(), input_sizes: ints(), indices: { ...tensorList(), holes: true } },
    meta: ({ grad_output, input_sizes }) => ({ dtype: grad_output.dtype, shape: input_sizes }),
    run({ grad_output, indices }, out, rt) {
      rt.fill(out, 0);
      if (grad_output.numel === 0) return;
      const { order, outer, picked, inner, places } = planIndex(rt, out.shape, indices);
      const placed = ordered(rt, out, order);
      const target = placed.layout.contiguous ? placed : rt.contiguous(placed);
      const source = rt.contiguous(grad_output).ptr;
      rt.kernelFor('index_add', out.dtype)(
        target.ptr,
        source,
        places.ptr,
        outer,
        picked,
        inner,
        places.numel,
      );
      if (target !== placed) rt.copyInto(out.ptr, placed.layout, target);
    },
    vjp: { grad_output: ({ g, indices }) => g.apply('index', { self: g, indices }), indices: null },
  }),
} satisfies Record<string, Op>;
