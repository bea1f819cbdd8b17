import { isFloat } from '../../tensor/dtype.ts';
import { contiguousLayout, expandLayout, stridedLayout } from '../../tensor/layout.ts';
import type { Lane } from '../emit/index.ts';
import { type Instr, newBuffer, type StaticGraph, uniformOf, View } from './ir.ts';

/** Casts operands that a loop could not read, of another float or of integers, before the instruction. */
function castOperands(instr: Instr, emit: (instr: Instr) => void): void {
  if (instr.kind !== 'elementwise' || !isFloat(instr.dtype)) return;
  instr.operands = instr.operands.map((view) => {
    if (view.dtype === instr.dtype || view.dtype === 'bool' || uniformOf(view) !== undefined) return view;
    return castView(view, instr.dtype as Lane, emit);
  });
}

/** A view in another dtype: every element is cast once, however often the view repeats it. */
function castView(view: View, dtype: Lane, emit: (instr: Instr) => void): View {
  const { shape, strides } = view.layout;
  const once = stridedLayout(
    shape.map((size, i) => (strides[i] === 0 ? 1 : size)),
    strides,
  );
  const layout = contiguousLayout(once.shape);
  const out = new View(newBuffer(dtype, layout.numel, { kind: 'computed' }), layout, 0);
  const source = new View(view.buffer, once, view.offset);
  emit({ kind: 'copy', operands: [source], out, where: null, from: 'cast' });
  return new View(out.buffer, expandLayout(layout, shape), 0);
}

/** Makes the casts that elementwise instructions imply instructions of their own, so that equal ones are made once. */
export function spellOutCasts(graph: StaticGraph): void {
  const instrs: Instr[] = [];
  for (const instr of graph.instrs) {
    castOperands(instr, (cast) => instrs.push(cast));
    instrs.push(instr);
  }
  graph.instrs = instrs;
}
