import { fillElementwise } from '../../ops/elementwise.ts';
import { reduce } from '../../ops/fold.ts';
import type { Runtime } from '../../ops/runtime.ts';
import { facts } from '../../tensor/dtype.ts';
import { sameShape, stridedLayout } from '../../tensor/layout.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { type Instr, mapViews, RowView, runsByRow, sameLayout, type View } from './ir.ts';

/** Thrown where a value is not the one that the graph was compiled for. */
export class GuardFailed extends Error {
  constructor() {
    super('the values are not those that the graph was compiled for');
    this.name = 'GuardFailed';
  }
}

/** The tensor that stands for a view in this run. */
export type Placing = (view: View) => Tensor;

/** Runs one instruction as the dynamic graph would, its results into the places that they have. */
export const runInstr = (rt: Runtime, instr: Instr, at: Placing): void => prepareInstr(rt, instr, at)();

/** Makes an instruction ready to be run many times in the same places. */
export function prepareInstr(rt: Runtime, instr: Instr, at: Placing): () => void {
  switch (instr.kind) {
    case 'elementwise': {
      const { e, dtype, extra } = instr;
      const operands = instr.operands.map(at);
      const out = at(instr.out);
      return () => fillElementwise(rt, e, dtype, operands, extra, out);
    }
    case 'copy': {
      const source = at(instr.operands[0] as View);
      const out = at(instr.out);
      return () => runCopy(rt, source, out);
    }
    case 'reduce': {
      const { kernel, dims, extra } = instr;
      const source = at(instr.operands[0] as View);
      const out = at(instr.out);
      return () => reduce(rt, kernel, source, dims, out, extra);
    }
    case 'guard': {
      const source = at(instr.operands[0] as View);
      const { expected } = instr;
      return () => {
        const found = typeof expected === 'boolean' ? rt.truth(source) : rt.item(source);
        if (!Object.is(found, expected)) throw new GuardFailed();
      };
    }
    case 'call':
      return prepareCall(rt, instr, at);
  }
}

function runCopy(rt: Runtime, source: Tensor, out: Tensor): void {
  if (source.dtype !== out.dtype) {
    const { ptr } = rt.contiguous(source);
    rt.kernel(`cast_${facts[source.dtype].suffix}_${facts[out.dtype].suffix}`)(out.ptr, ptr, out.numel);
  } else if (!out.layout.contiguous && sameLayout(source.layout, out.layout)) {
    rt.kernel('copy')(out.ptr, source.ptr, out.numel * facts[out.dtype].size);
  } else placeResult(rt, source, out);
}

/** The tensor of one row, where a view has rows. */
function rowOf(tensor: Tensor, row: number): Tensor {
  const { shape, strides } = tensor.layout;
  const layout = stridedLayout(shape.slice(1), strides.slice(1));
  const ptr = tensor.ptr + row * (strides[0] as number) * facts[tensor.dtype].size;
  return new Tensor(tensor.interpreter, tensor.dtype, layout, ptr);
}

/** An operation on one row after the other. */
function prepareRows(rt: Runtime, instr: Extract<Instr, { kind: 'call' }>, at: Placing): () => void {
  const rows = (instr.outs[0] as View).layout.shape[0] as number;
  return () => {
    for (let row = 0; row < rows; row++) {
      const mark = rt.arena.mark();
      const one = (view: View): Tensor => (view instanceof RowView ? rowOf(at(view), row) : at(view));
      prepareOne(rt, instr, one)();
      rt.arena.release(mark);
      rt.spend(instr.outs.length * 64);
    }
  };
}

function prepareCall(rt: Runtime, instr: Extract<Instr, { kind: 'call' }>, at: Placing): () => void {
  return runsByRow(instr) ? prepareRows(rt, instr, at) : prepareOne(rt, instr, at);
}

function prepareOne(rt: Runtime, instr: Extract<Instr, { kind: 'call' }>, at: Placing): () => void {
  const { op, dynamic } = instr;
  const args = mapViews(instr.args, at);
  const outs = instr.outs.map(at);
  const { direct } = op;
  if (direct !== undefined && direct.compute === op.compute) return () => direct.run(args, outs, rt);
  return () => {
    const found = op.compute(args, rt);
    const list = Array.isArray(found) ? found : [found];
    list.forEach((tensor, i) => {
      const out = outs[i] as Tensor;
      if (dynamic && !fits(tensor, out)) throw new GuardFailed();
      placeResult(rt, tensor, out);
    });
  };
}

const fits = (tensor: Tensor, expected: Tensor): boolean =>
  tensor.dtype === expected.dtype && sameShape(tensor.shape, expected.shape);

/** Moves a result to its place, in the order that its elements have there. */
function placeResult(rt: Runtime, tensor: Tensor, out: Tensor): void {
  if (tensor.ptr === out.ptr || tensor.numel === 0) return;
  if (out.layout.contiguous) rt.copyTo(out.ptr, tensor);
  else rt.copyInto(out.ptr, out.layout, tensor);
}
