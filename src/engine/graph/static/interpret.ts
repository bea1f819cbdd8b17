import type { Op } from '../../ops/define.ts';
import type { Runtime } from '../../ops/runtime.ts';
import { type DType, facts, type Scalar } from '../../tensor/dtype.ts';
import type { Layout } from '../../tensor/layout.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { NamedArgs } from '../../tensor/value.ts';
import { runInstr } from './execute.ts';
import { type Buffer, type Instr, mapViews, type View } from './ir.ts';
import type { Oracle } from './record.ts';

/** Sets all elements of a buffer at an address from what is known of it. */
export function writeKnown(rt: Runtime, { source, dtype, numel }: Buffer, ptr: number): void {
  if (source.kind === 'data' || (source.kind === 'input' && source.bytes !== undefined))
    rt.arena.u8.set(source.bytes as Uint8Array, ptr);
  else if (source.kind === 'uniform') rt.fillAt(ptr, dtype, numel, source.value);
}

/**
 * Runs recorded instructions one by one, without any compiling: what the recording asks for values while it goes on, and
 * what compiled code is tested against.
 */
export class Interpretation implements Oracle {
  private readonly rt: Runtime;
  private readonly instrs: () => readonly Instr[];
  private readonly addresses = new Map<Buffer, number>();
  private done = 0;

  /**
   * @param instrs those recorded so far
   * @param inputs the tensors that the inputs stand for
   */
  constructor(rt: Runtime, instrs: () => readonly Instr[], inputs: Iterable<readonly [View, Tensor]>) {
    this.rt = rt;
    this.instrs = instrs;
    for (const [view, tensor] of inputs) this.addresses.set(view.buffer, tensor.ptr);
  }

  /** The tensor that a view stands for; its elements are there once `catchUp` has run. */
  readonly at = ({ buffer, layout, offset }: View): Tensor => {
    const root = { ptr: this.addressOf(buffer), numel: buffer.numel };
    const ptr = root.ptr + offset * facts[buffer.dtype].size;
    return new Tensor(this.rt.interpreter, buffer.dtype, layout, ptr, root);
  };

  /** The address of a buffer; memory is taken where it has none yet, and filled with what is known. */
  addressOf(buffer: Buffer): number {
    const known = this.addresses.get(buffer);
    if (known !== undefined) return known;
    const ptr = this.rt.arena.alloc(Math.max(1, buffer.numel) * facts[buffer.dtype].size);
    this.addresses.set(buffer, ptr);
    writeKnown(this.rt, buffer, ptr);
    return ptr;
  }

  /** Runs the instructions that were recorded since the last time. */
  catchUp(): void {
    const instrs = this.instrs();
    for (; this.done < instrs.length; this.done++) {
      const instr = instrs[this.done] as Instr;
      if (instr.where === null) runInstr(this.rt, instr, this.at);
      else this.rt.within(instr.where, () => runInstr(this.rt, instr, this.at));
    }
  }

  item(view: View): Scalar {
    this.catchUp();
    return this.rt.item(this.at(view));
  }

  perform(op: Op, args: NamedArgs): { dtype: DType; layout: Layout }[] {
    this.catchUp();
    const found = op.compute(mapViews(args, this.at), this.rt);
    return Array.isArray(found) ? found : [found];
  }
}
