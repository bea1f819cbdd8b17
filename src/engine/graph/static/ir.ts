import type { Op } from '../../ops/define.ts';
import type { Elementwise } from '../../ops/elementwise.ts';
import type { Locate } from '../../ops/runtime.ts';
import { type DType, facts, type Scalar } from '../../tensor/dtype.ts';
import { contiguousLayout, type Layout, type Shape, sameShape } from '../../tensor/layout.ts';
import type { NamedArgs } from '../../tensor/value.ts';

/** Where the elements of a buffer come from. */
export type Source =
  /** Given for each run: a leaf, or the gradient of a root. `bytes`: it is the same each time. */
  | { readonly kind: 'input'; readonly name: string; readonly bytes?: Uint8Array | undefined }
  /** The same value in every element. */
  | { readonly kind: 'uniform'; readonly value: Scalar }
  /** Known when the graph was compiled. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** The result of an instruction. */
  | { readonly kind: 'computed' };

/** Some elements in a row: what an instruction writes once, or what is given. */
export interface Buffer {
  readonly id: number;
  readonly dtype: DType;
  /** Elements. */
  readonly numel: number;
  source: Source;
}

/** A strided look at a buffer: a tensor whose bytes have no place yet. `offset` is in elements. */
export class View {
  readonly buffer: Buffer;
  readonly layout: Layout;
  readonly offset: number;

  constructor(buffer: Buffer, layout: Layout, offset: number) {
    this.buffer = buffer;
    this.layout = layout;
    this.offset = offset;
  }

  get dtype(): DType {
    return this.buffer.dtype;
  }

  get shape(): Shape {
    return this.layout.shape;
  }

  get numel(): number {
    return this.layout.numel;
  }
}

/** A view of which an operation is given one row after the other. */
export class RowView extends View {}

interface Common {
  /** Says of an error where in the request it happened. */
  readonly where: Locate | null;
  /** The operation of the table that it comes from. */
  readonly from: string;
}

/** One step of a static graph, as it was recorded. Each writes buffers of its own, once. */
export type Instr = Common &
  (
    | {
        readonly kind: 'elementwise';
        readonly e: Elementwise;
        /** The dtype that the operands are brought to. */
        readonly dtype: DType;
        operands: View[];
        readonly extra: readonly number[];
        readonly out: View;
      }
    /** A copy, perhaps in another dtype; the result is dense. */
    | { readonly kind: 'copy'; operands: View[]; readonly out: View }
    | {
        readonly kind: 'reduce';
        readonly kernel: string;
        operands: View[];
        readonly dims: readonly number[];
        readonly extra: readonly number[];
        readonly out: View;
      }
    /** An operation of the table, run as the dynamic graph runs it. Its tensors are Views among the arguments. */
    | {
        readonly kind: 'call';
        readonly op: Op;
        args: NamedArgs;
        readonly outs: readonly View[];
        /** Whether there is one result, not a list. */
        readonly single: boolean;
        /** It may complain of values, so it runs even where nothing needs its result. */
        readonly throws: boolean;
        /** The shapes of its results depend on values: those here are an expectation. */
        readonly dynamic: boolean;
      }
    /** What is compiled holds for this value, or truth, of a tensor of one element only. */
    | { readonly kind: 'guard'; operands: View[]; readonly expected: Scalar }
  );

export type Kind = Instr['kind'];

/** The views among the arguments of an operation, in order. */
export function viewsIn(args: NamedArgs): View[] {
  const found: View[] = [];
  const visit = (value: unknown): void => {
    if (value instanceof View) found.push(value);
    else if (Array.isArray(value)) value.forEach(visit);
  };
  for (const key of Object.keys(args)) visit(args[key]);
  return found;
}

/** The arguments with each view replaced. */
export function mapViews(args: NamedArgs, replace: (view: View) => unknown): NamedArgs {
  const map = (value: unknown): unknown => {
    if (value instanceof View) return replace(value);
    return Array.isArray(value) ? value.map(map) : value;
  };
  const result: NamedArgs = {};
  for (const key of Object.keys(args)) result[key] = map(args[key]);
  return result;
}

/** What an instruction reads. */
export const operandsOf = (instr: Instr): readonly View[] =>
  instr.kind === 'call' ? viewsIn(instr.args) : instr.operands;

/** What it writes. */
export const resultsOf = (instr: Instr): readonly View[] =>
  instr.kind === 'call' ? instr.outs : instr.kind === 'guard' ? [] : [instr.out];

function keepingRows(view: View, next: View): View {
  if (!(view instanceof RowView) || next instanceof RowView) return next;
  return new RowView(next.buffer, next.layout, next.offset);
}

/** Replaces what an instruction reads. */
export function rewire(instr: Instr, replace: (view: View) => View): void {
  if (instr.kind === 'call') instr.args = mapViews(instr.args, (view) => keepingRows(view, replace(view)));
  else instr.operands = instr.operands.map(replace);
}

const intKernels = new Set(['div_floor', 'div_trunc', 'fmod', 'remainder']);

/** Whether it draws random numbers: each time others, and those after it depend on that. */
export const isStateful = (instr: Instr): boolean =>
  instr.kind === 'call' && (instr.op.stateful?.(instr.args) ?? false);

/** Whether it must run even where nothing needs its result: it may complain, draws random numbers, or is a guard. */
export function hasEffect(instr: Instr): boolean {
  if (instr.kind === 'guard') return true;
  if (instr.kind === 'call') return instr.throws || instr.dynamic || isStateful(instr);
  return instr.kind === 'elementwise' && intKernels.has(instr.e.kernel) && facts[instr.dtype].category < 2;
}

/** What a graph is after it was recorded: instructions in an order that works, and what is wanted of them. */
export interface StaticGraph {
  instrs: Instr[];
  /** Leaves and given gradients, in order. */
  readonly inputs: readonly View[];
  /** Outputs and gradients: what a run hands out. */
  results: View[];
}

export const sameLayout = (a: Layout, b: Layout): boolean =>
  a === b || (sameShape(a.shape, b.shape) && sameStrides(a, b));

/** Whether two layouts of one shape lie alike; strides of dimensions of one element do not matter. */
function sameStrides(a: Layout, b: Layout): boolean {
  if (a.contiguous && b.contiguous) return true;
  return a.strides.every((stride, i) => stride === b.strides[i] || a.shape[i] === 1);
}

/** The whole of a buffer in a dense layout. */
export const wholeView = (buffer: Buffer, layout: Layout): View => new View(buffer, layout, 0);

let buffers = 0;

export function newBuffer(dtype: DType, numel: number, source: Source): Buffer {
  return { id: ++buffers, dtype, numel, source };
}

/** One element that is known now. */
export const uniformView = (dtype: DType, value: Scalar, shape: Shape = []): View => {
  const buffer = newBuffer(dtype, 1, { kind: 'uniform', value });
  if (shape.length === 0) return new View(buffer, contiguousLayout([]), 0);
  const strides = shape.map(() => 0);
  const numel = shape.reduce((a, b) => a * b, 1);
  return new View(buffer, { shape, strides, numel, contiguous: numel === 1 || numel === 0 }, 0);
};

/** The value of a view whose elements are all the same and known; undefined where they are not. */
export const uniformOf = ({ buffer }: View): Scalar | undefined =>
  buffer.source.kind === 'uniform' ? buffer.source.value : undefined;

/** Whether an instruction runs row by row. */
export const runsByRow = (instr: Instr): boolean =>
  instr.kind === 'call' && instr.outs.some((view) => view instanceof RowView);
