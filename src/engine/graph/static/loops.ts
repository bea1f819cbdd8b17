import { facts, type Scalar } from '../../tensor/dtype.ts';
import type { Lane, Loop, LoopInput, LoopInstr, LoopOutput, LoopSum, Place } from '../emit/index.ts';
import { collapse, stridesAlong } from './access.ts';
import { type Buffer, uniformOf, type View } from './ir.ts';
import type { LoopUnit, Sum } from './schedule.ts';

/** Where a view begins, for the code of a loop. */
export type PlaceOf = (buffer: Buffer, offset: number) => Place;

const constantOf = (value: Scalar): number | boolean => (typeof value === 'boolean' ? value : Number(value));

/** Brings a unit into the form from which code is made. */
class LoopBuilder {
  private readonly unit: LoopUnit;
  private readonly placeOf: PlaceOf;
  private readonly shape: number[];
  private readonly pick: (strides: readonly number[]) => number[];
  private readonly inputs: LoopInput[] = [];
  private readonly constants: (number | boolean)[] = [];
  private readonly known = new Map<string, number>();
  private readonly members = new Map<Buffer, number>();

  constructor(unit: LoopUnit, placeOf: PlaceOf) {
    this.unit = unit;
    this.placeOf = placeOf;
    const sizes = unit.dims.map((d) => unit.layout.shape[d] as number);
    ({ shape: this.shape, pick: this.pick } = collapse(sizes, unit.breaks));
  }

  build(needed: (buffer: Buffer) => boolean): Loop {
    const { members, sums, lane } = this.unit;
    members.forEach(({ out }, i) => {
      this.members.set(out.buffer, i);
    });
    for (const { operands } of members) for (const view of operands) this.read(view);
    const first = this.inputs.length + this.constants.length;
    const value = (view: View): number => {
      const member = this.members.get(view.buffer);
      if (member !== undefined) return first + member;
      const [kind, index] = this.reference(view);
      return kind === 'input' ? index : this.inputs.length + index;
    };
    const body = members.map(
      ({ e, operands, extra }): LoopInstr => ({ kernel: e.kernel, operands: operands.map(value), extra }),
    );
    const stored = members.filter(({ out }) => needed(out.buffer));
    return {
      lane,
      shape: this.shape,
      inputs: this.inputs,
      constants: this.constants,
      body,
      outputs: stored.map(({ out }) => this.output(out, value(out))),
      sums: sums
        .filter(({ out }) => needed(out.buffer))
        .map((sum) => this.sum(sum, value(sum.operands[0] as View))),
    };
  }

  private key({ buffer, offset }: View, strides: readonly number[]): string {
    return `${buffer.id}+${offset} ${strides}`;
  }

  private along(view: View): number[] {
    return this.pick(stridesAlong(view, this.unit.layout, this.unit.dims));
  }

  private reference(view: View): ['input' | 'constant', number] {
    const value = uniformOf(view);
    if (value !== undefined) {
      const constant = constantOf(value);
      return ['constant', this.constants.findIndex((each) => Object.is(each, constant))];
    }
    return ['input', this.known.get(this.key(view, this.along(view))) as number];
  }

  private read(view: View): void {
    if (this.members.has(view.buffer)) return;
    const value = uniformOf(view);
    if (value !== undefined) {
      const constant = constantOf(value);
      if (!this.constants.some((each) => Object.is(each, constant))) this.constants.push(constant);
      return;
    }
    const strides = this.along(view);
    const key = this.key(view, strides);
    if (this.known.has(key)) return;
    const dtype = view.dtype as Lane | 'bool';
    const index = this.inputs.push({ place: this.placeOf(view.buffer, view.offset), dtype, strides }) - 1;
    this.known.set(key, index);
  }

  private output(out: View, value: number): LoopOutput {
    const place = this.placeOf(out.buffer, out.offset);
    return { value, place, dtype: out.dtype as Lane | 'bool', strides: this.along(out) };
  }

  private sum({ out, dims }: Sum, value: number): LoopSum {
    const kept = this.unit.dims.filter((d) => !dims.includes(d));
    const levels = this.levelsOf(kept.length);
    const strides: number[] = [];
    let step = 1;
    for (const size of this.shape.slice(0, levels).reverse()) {
      strides.unshift(step);
      step *= size;
    }
    return { value, place: this.placeOf(out.buffer, out.offset), dims: this.shape.length - levels, strides };
  }

  /** How many levels of the loop the first dimensions make. */
  private levelsOf(dims: number): number {
    let levels = 0;
    for (let d = 0; d < dims; d++) if (d === dims - 1 || this.unit.breaks.has(d)) levels++;
    return levels;
  }
}

/** @param needed whether a buffer is read by another unit, or is a result */
export const loopOf = (unit: LoopUnit, placeOf: PlaceOf, needed: (buffer: Buffer) => boolean): Loop =>
  new LoopBuilder(unit, placeOf).build(needed);

export const sizeOf = ({ dtype }: Buffer): number => facts[dtype].size;
