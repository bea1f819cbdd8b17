import { GraddError } from '../../errors.ts';
import { bitwiseAnd, type VectorFunction, vectorFunction } from './library.ts';
import { type Lane, type Loop, lanesOf } from './loop.ts';

/** How often a value is computed: once, once per row (run of the innermost dimension), or per vector. */
export type Level = 'once' | 'row' | 'vector';

/** Where a value comes from. */
export type Source =
  | { readonly kind: 'input'; readonly input: number }
  | { readonly kind: 'constant'; readonly bytes: Uint8Array }
  | { readonly kind: 'apply'; readonly fn: VectorFunction; readonly operands: readonly number[] };

/** A value of a loop, a vector. */
export type Node = Source & {
  /** Whether its lanes are masks, all ones or all zeros, rather than floats. */
  readonly mask: boolean;
  readonly level: Level;
};

/** A value in every lane. */
function splat(lane: Lane, value: number | boolean): Uint8Array {
  if (typeof value === 'boolean') return new Uint8Array(16).fill(value ? 0xff : 0);
  const lanes = lane === 'float32' ? new Float32Array(4) : new Float64Array(2);
  return new Uint8Array(lanes.fill(value).buffer);
}

/** The values of a loop with the conversions between masks and floats that they need. */
export class Values {
  readonly nodes: Node[] = [];
  private readonly lane: Lane;
  private readonly constants = new Map<string, number>();
  private readonly converted = new Map<number, number>();

  constructor(lane: Lane) {
    this.lane = lane;
  }

  private add(node: Node): number {
    this.nodes.push(node);
    return this.nodes.length - 1;
  }

  node(index: number): Node {
    const node = this.nodes[index];
    if (node === undefined) throw new GraddError('internal', `A loop has no value ${index}`);
    return node;
  }

  input(input: number, mask: boolean, level: Level): number {
    return this.add({ kind: 'input', input, mask, level });
  }

  constant(value: number | boolean): number {
    const key = Object.is(value, -0) ? '-0' : String(value);
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const bytes = splat(this.lane, value);
    const index = this.add({ kind: 'constant', bytes, mask: typeof value === 'boolean', level: 'once' });
    this.constants.set(key, index);
    return index;
  }

  apply(fn: VectorFunction, operands: readonly number[], mask: boolean): number {
    let level: Level = 'once';
    for (const operand of operands) {
      const other = this.node(operand).level;
      if (other !== 'once' && level !== 'vector') level = other;
    }
    return this.add({ kind: 'apply', fn, operands, mask, level });
  }

  /** A value as floats: of a mask, 1 and 0. */
  float(index: number): number {
    if (!this.node(index).mask) return index;
    return this.conversion(index, () => this.apply(bitwiseAnd, [index, this.constant(1)], false));
  }

  /** A value as a mask: of floats, which are not 0. */
  mask(index: number): number {
    if (this.node(index).mask) return index;
    const ne = vectorFunction('ne', this.lane) as VectorFunction;
    return this.conversion(index, () => this.apply(ne, [index, this.constant(0)], true));
  }

  private conversion(index: number, make: () => number): number {
    const known = this.converted.get(index);
    if (known !== undefined) return known;
    const made = make();
    this.converted.set(index, made);
    return made;
  }

  /** An operand as a function wants it. */
  private formed({ operands }: VectorFunction, operand: number, i: number): number {
    if (operands === 'any') return operand;
    return operands === 'condition' && i === 0 ? this.mask(operand) : this.float(operand);
  }

  instr(kernel: string, operands: readonly number[], extra: readonly number[]): number {
    const fn = vectorFunction(kernel, this.lane);
    if (fn === null || fn.arity !== operands.length || fn.extra !== extra.length) {
      throw new GraddError(
        'internal',
        `${kernel} of ${operands.length} values is no part of a ${this.lane} loop`,
      );
    }
    const args = operands.map((operand, i) => this.formed(fn, operand, i));
    for (const value of extra) args.push(this.constant(value));
    return this.apply(fn, args, fn.result === 'bool');
  }
}

/** Lanes of the first n elements, as a mask. */
export function firstLanes(lane: Lane, n: number): Uint8Array {
  return new Uint8Array(16).fill(0xff, 0, (16 / lanesOf(lane)) * n);
}

/** The values of a loop, and which of them each number of the loop means. */
export function valuesOf(
  loop: Loop,
  level: (input: number) => Level,
): { values: Values; numbered: number[] } {
  const values = new Values(loop.lane);
  const numbered = loop.inputs.map(({ dtype }, i) => values.input(i, dtype === 'bool', level(i)));
  for (const constant of loop.constants) numbered.push(values.constant(constant));
  for (const { kernel, operands, extra } of loop.body) {
    const known = operands.map((operand) => numbered[operand] ?? -1);
    numbered.push(values.instr(kernel, known, extra));
  }
  return { values, numbered };
}
