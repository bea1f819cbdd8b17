import { table } from '../../ops/index.ts';
import { isFloat } from '../../tensor/dtype.ts';
import { type Layout, normalizeDim, type Shape, stridedLayout } from '../../tensor/layout.ts';
import type { NamedArgs } from '../../tensor/value.ts';
import {
  type Buffer,
  type Instr,
  isStateful,
  mapViews,
  newBuffer,
  RowView,
  type StaticGraph,
  uniformView,
  View,
  viewsIn,
} from './ir.ts';
import { kernelNamed } from './simplify.ts';
import type { Recorded } from './symbolic.ts';

/** Thrown where a graph cannot be run for many rows at once, since each may need code of its own. */
export class NotByRows extends Error {
  constructor() {
    super('each row may need code of its own');
    this.name = 'NotByRows';
  }
}

/** Attributes that name a dimension, of operations that treat dimensions before it alike. */
const dimensionOf: Record<string, string> = {
  _softmax: 'dim',
  _log_softmax: 'dim',
  _softmax_backward_data: 'dim',
  _log_softmax_backward_data: 'dim',
  cumsum: 'dim',
  cumprod: 'dim',
  gather: 'dim',
  scatter_add: 'dim',
};

const opNamed = (name: string) => table.get(name) as NonNullable<ReturnType<typeof table.get>>;

/**
 * The same graph for many rows: what depends on a leaf that is different in each row has a leading dimension more.
 *
 * Elementwise instructions, copies and reductions take it on as it is, since they go by layouts; products of matrices
 * become batches of them; other operations run row by row.
 */
class ByRows {
  private readonly rows: number;
  private readonly batched = new Map<Buffer, Buffer>();
  readonly instrs: Instr[] = [];

  constructor(rows: number) {
    this.rows = rows;
  }

  /** The buffer that holds a row of it for each row. */
  private widen(buffer: Buffer): Buffer {
    const source = buffer.source.kind === 'input' ? buffer.source : { kind: 'computed' as const };
    const wide = newBuffer(buffer.dtype, buffer.numel * this.rows, source);
    this.batched.set(buffer, wide);
    return wide;
  }

  private rowsOf(wide: Buffer, { buffer, layout, offset }: View): View {
    return new View(wide, withRows(layout, this.rows, buffer.numel), offset);
  }

  isWide(view: View): boolean {
    return this.batched.has(view.buffer);
  }

  /** A view in the graph for many rows; one that is the same in each stays as it is. */
  wide(view: View): View {
    const wide = this.batched.get(view.buffer);
    return wide === undefined ? view : this.rowsOf(wide, view);
  }

  input(view: View): View {
    return this.rowsOf(this.widen(view.buffer), view);
  }

  /** The view with rows, though each may be the same. */
  repeated(view: View): View {
    if (this.isWide(view)) return this.wide(view);
    return new View(view.buffer, withRows(view.layout, this.rows, 0), view.offset);
  }

  private out(view: View): View {
    return this.rowsOf(this.widen(view.buffer), view);
  }

  add(instr: Instr): void {
    const reads = instr.kind === 'call' ? viewsIn(instr.args) : instr.operands;
    if (!reads.some((view) => this.isWide(view))) {
      this.instrs.push(instr);
      return;
    }
    switch (instr.kind) {
      case 'guard':
        this.guard(instr);
        return;
      case 'elementwise': {
        const rank = instr.out.layout.shape.length;
        const operands = instr.operands.map((view) => this.aligned(view, rank));
        this.instrs.push({ ...instr, operands, out: this.out(instr.out) });
        return;
      }
      case 'copy':
        this.instrs.push({
          ...instr,
          operands: instr.operands.map((v) => this.wide(v)),
          out: this.out(instr.out),
        });
        return;
      case 'reduce':
        this.instrs.push({
          ...instr,
          operands: instr.operands.map((v) => this.wide(v)),
          dims: instr.dims.map((d) => d + 1),
          out: this.out(instr.out),
        });
        return;
      case 'call':
        this.call(instr);
    }
  }

  /** A condition that must hold in every row. */
  private guard(instr: Extract<Instr, { kind: 'guard' }>): void {
    const [view] = instr.operands as [View];
    if (typeof instr.expected !== 'boolean' || view.dtype !== 'bool') throw new NotByRows();
    const wide = this.wide(view);
    const out = new View(newBuffer('bool', 1, { kind: 'computed' }), stridedLayout([], []), 0);
    const dims = wide.layout.shape.map((_, d) => d);
    const kernel = instr.expected ? 'all' : 'any';
    const { where, from } = instr;
    this.instrs.push({ kind: 'reduce', kernel, operands: [wide], dims, extra: [], out, where, from });
    this.instrs.push({ ...instr, operands: [out] });
  }

  /** Broadcasting goes by the last dimensions, so a wide operand of fewer gets some of size 1 behind the rows. */
  private aligned(view: View, rank: number): View {
    if (!this.isWide(view)) return view;
    const { buffer, layout, offset } = this.wide(view);
    const [rows, ...shape] = layout.shape as [number, ...number[]];
    const [step, ...strides] = layout.strides as [number, ...number[]];
    const ones = new Array<number>(rank - shape.length).fill(1);
    return new View(
      buffer,
      stridedLayout([rows, ...ones, ...shape], [step, ...ones.map(() => 0), ...strides]),
      offset,
    );
  }

  private call(instr: Extract<Instr, { kind: 'call' }>): void {
    if (instr.dynamic || instr.op.describe !== undefined || isStateful(instr)) throw new NotByRows();
    if (this.product(instr)) return;
    const dim = rankOf(instr.args) === null ? undefined : dimensionOf[instr.op.name];
    const args = dim === undefined ? this.each(instr.args) : this.shifted(instr.args, dim);
    const outs = instr.outs.map((view) => (dim === undefined ? asRow(this.out(view)) : this.out(view)));
    this.instrs.push({ ...instr, args, outs });
  }

  /** The arguments with rows of those that have some. */
  private each(args: NamedArgs): NamedArgs {
    return mapViews(args, (view) => (this.isWide(view) ? asRow(this.wide(view)) : view));
  }

  private shifted(args: NamedArgs, dim: string): NamedArgs {
    const wide = mapViews(args, (view) => this.repeated(view));
    return { ...wide, [dim]: normalizeDim(args[dim] as number, rankOf(args) as number) + 1 };
  }

  /** Products of matrices and vectors as one batch of products. */
  private product(instr: Extract<Instr, { kind: 'call' }>): boolean {
    const { op, args, outs } = instr;
    const [out] = outs as [View];
    const batch = (a: View, b: View, shape: Shape): void => {
      const wide = this.out(out);
      const seen = new View(wide.buffer, stridedLayout([this.rows, ...shape], matrixStrides(shape)), 0);
      const next = { self: a, mat2: b };
      this.instrs.push({ ...instr, op: opNamed('bmm'), args: next, outs: [seen], single: true });
    };
    const self = args.self as View;
    if (op.name === 'addmm') return this.affine(instr);
    if (op.name === 'mm') {
      const mat2 = args.mat2 as View;
      if (!this.isWide(mat2) && this.stacked(instr, self, mat2)) return true;
      batch(this.repeated(self), this.repeated(mat2), out.layout.shape);
      return true;
    }
    if (op.name === 'mv') {
      const [n] = out.layout.shape as [number];
      batch(this.repeated(self), asColumn(this.repeated(args.vec as View)), [n, 1]);
      return true;
    }
    if (op.name === 'dot') {
      batch(asRowMatrix(this.repeated(self)), asColumn(this.repeated(args.tensor as View)), [1, 1]);
      return true;
    }
    return false;
  }

  /** A product of matrices and what is added to it, each for all rows at once. */
  private affine(instr: Extract<Instr, { kind: 'call' }>): boolean {
    const { self, mat1, mat2, alpha, beta } = instr.args as Record<string, View>;
    const [out] = instr.outs as [View];
    if (Number(alpha) !== 1 || Number(beta) !== 1 || !isFloat(out.dtype)) return false;
    const product = new View(newBuffer(out.dtype, out.layout.numel, { kind: 'computed' }), out.layout, 0);
    const { where, from } = instr;
    const args = { self: mat1, mat2 };
    this.add({
      kind: 'call',
      op: opNamed('mm'),
      args,
      outs: [product],
      single: true,
      throws: false,
      dynamic: false,
      where,
      from,
    });
    const operands = [product, self as View];
    this.add({
      kind: 'elementwise',
      e: kernelNamed('add'),
      dtype: out.dtype,
      operands,
      extra: [],
      out,
      where,
      from,
    });
    return true;
  }

  /** Rows of matrices times one matrix: a single product of all rows below each other. */
  private stacked(instr: Extract<Instr, { kind: 'call' }>, self: View, mat2: View): boolean {
    const wide = this.wide(self);
    const [n, k] = self.layout.shape as [number, number];
    if (!wide.layout.contiguous) return false;
    const [out] = instr.outs as [View];
    const seen = this.out(out);
    const columns = out.layout.shape[1] as number;
    const flat = new View(wide.buffer, stridedLayout([this.rows * n, k], [k, 1]), wide.offset);
    const result = new View(seen.buffer, stridedLayout([this.rows * n, columns], [columns, 1]), 0);
    this.instrs.push({ ...instr, args: { self: flat, mat2 }, outs: [result] });
    return true;
  }

  /** The sum of a view over all rows, in the shape of one. */
  sum(view: View): View {
    const { shape } = view.layout;
    if (this.rows === 0) return uniformView(view.dtype, 0, shape);
    const numel = shape.reduce((a, b) => a * b, 1);
    const out = new View(
      newBuffer(view.dtype, numel, { kind: 'computed' }),
      stridedLayout(shape, contiguous(shape)),
      0,
    );
    const common = { where: null, from: 'sum of rows', out };
    if (this.isWide(view)) {
      this.instrs.push({
        ...common,
        kind: 'reduce',
        kernel: 'sum',
        operands: [this.wide(view)],
        dims: [0],
        extra: [],
      });
    } else {
      const times = uniformView(view.dtype, this.rows);
      const operands = [view, times];
      this.instrs.push({
        ...common,
        kind: 'elementwise',
        e: kernelNamed('mul'),
        dtype: view.dtype,
        operands,
        extra: [],
      });
    }
    return out;
  }
}

/** The number of dimensions that all tensors among the arguments have, null where one has others or none. */
function rankOf(args: NamedArgs): number | null {
  const [first = 0, ...others] = viewsIn(args).map(({ layout }) => layout.shape.length);
  return first > 0 && others.every((rank) => rank === first) ? first : null;
}

const withRows = ({ shape, strides }: Layout, rows: number, step: number): Layout =>
  stridedLayout([rows, ...shape], [step, ...strides]);

const asRow = ({ buffer, layout, offset }: View): RowView => new RowView(buffer, layout, offset);

const asColumn = ({ buffer, layout, offset }: View): View =>
  new View(buffer, stridedLayout([...layout.shape, 1], [...layout.strides, 1]), offset);

function asRowMatrix({ buffer, layout, offset }: View): View {
  const [rows, n] = layout.shape as [number, number];
  const [step, stride] = layout.strides as [number, number];
  return new View(buffer, stridedLayout([rows, 1, n], [step, 0, stride]), offset);
}

function contiguous(shape: Shape): number[] {
  const strides: number[] = [];
  let step = 1;
  for (const size of [...shape].reverse()) {
    strides.unshift(step);
    step *= size;
  }
  return strides;
}

const matrixStrides = ([n, m]: Shape): number[] => [(n as number) * (m as number), m as number, 1];

/** What has a row for each: leaves, gradients that roots are given, and gradients that come out. */
export interface Wide {
  readonly leaves: ReadonlySet<string>;
  readonly givens: ReadonlySet<string>;
  readonly gradients: ReadonlySet<string>;
}

/**
 * A recorded graph for many rows at once.
 *
 * @param wide names of the leaves (and of the roots whose given gradients) that have a row for each, and `gradients`:
 *   of those whose gradient has one
 * @returns results stacked by rows; gradients of leaves that all rows share are sums over the rows
 * @throws NotByRows where values of a row decide what is computed
 */
export function byRows(recorded: Recorded, rows: number, wide: Wide): Recorded {
  const rewriter = new ByRows(rows);
  const { graph, leaves, givens, outputs, gradients } = recorded;
  const widened = (list: Recorded['leaves'], names: ReadonlySet<string>) =>
    list.map(([name, view]) => [name, names.has(name) ? rewriter.input(view) : view] as const);
  const wideLeaves = widened(leaves, wide.leaves);
  const wideGivens = widened(givens, wide.givens);
  for (const instr of graph.instrs) rewriter.add(instr);
  const results: View[] = [];
  const stacked = (i: number): number => results.push(rewriter.repeated(graph.results[i] as View)) - 1;
  const gradient = (name: string, i: number): number =>
    wide.gradients.has(name) ? stacked(i) : results.push(rewriter.sum(graph.results[i] as View)) - 1;
  const next = {
    outputs: outputs.map(([name, i, requiresGrad]) => [name, stacked(i), requiresGrad] as const),
    gradients: gradients?.map(([name, i]) => [name, i === null ? null : gradient(name, i)] as const) ?? null,
  };
  const inputs = [...wideLeaves, ...wideGivens].map(([, view]) => view);
  const wideGraph: StaticGraph = { instrs: rewriter.instrs, inputs, results };
  return { ...recorded, ...next, graph: wideGraph, leaves: wideLeaves, givens: wideGivens };
}
