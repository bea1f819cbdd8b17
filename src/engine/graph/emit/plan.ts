import { collapse } from './dims.ts';
import { type Lane, type Loop, lanesOf, type Place, sizeOf } from './loop.ts';
import { type Level, type Values, valuesOf } from './values.ts';

/** An array of a loop: where it lies and the bytes between its elements, per dimension. */
export interface Operand {
  readonly place: Place;
  readonly steps: readonly number[];
  /** Whether its elements follow one another in the innermost dimension. */
  readonly dense: boolean;
}

export interface Store extends Operand {
  readonly value: number;
  readonly mask: boolean;
}

export interface SumPlan extends Operand {
  readonly value: number;
  /** The dimensions that are kept. */
  readonly depth: number;
}

/** A loop as it is emitted: few dimensions, explicit conversions, only values that are used. */
export interface Plan {
  readonly lane: Lane;
  readonly shape: readonly number[];
  /** Whole vectors in a row, and the elements behind them. */
  readonly whole: number;
  readonly rest: number;
  /** Vectors computed in all. */
  readonly vectors: number;
  readonly values: Values;
  /** Values in use, in order. */
  readonly live: readonly number[];
  readonly inputs: readonly Operand[];
  readonly stores: readonly Store[];
  readonly sums: readonly SumPlan[];
}

/** The nodes that others need, the needed included. */
function reachable(values: Values, roots: readonly { readonly value: number }[]): number[] {
  const used = new Uint8Array(values.nodes.length);
  for (const { value } of roots) used[value] = 1;
  for (let i = used.length - 1; i >= 0; i--) {
    const node = values.node(i);
    if (used[i] === 1 && node.kind === 'apply') for (const operand of node.operands) used[operand] = 1;
  }
  const live: number[] = [];
  for (let i = 0; i < used.length; i++) if (used[i] === 1) live.push(i);
  return live;
}

/** How often an input is read. */
function levelOf({ steps, dense }: Operand): Level {
  if (dense) return 'vector';
  return steps.some((step) => step !== 0) ? 'row' : 'once';
}

export function planLoop(loop: Loop): Plan {
  const { lane, inputs, outputs, sums } = loop;
  const ndim = loop.shape.length;
  const kept = sums.map(({ dims, strides }) => ({
    strides: [...strides, ...new Array<number>(dims).fill(0)],
    depth: ndim - dims,
  }));
  const pointwise = [...inputs, ...outputs].map(({ strides }) => ({ strides, depth: ndim }));
  const { shape, scopes } = collapse({ shape: loop.shape, scopes: [...pointwise, ...kept] });
  const operand = (i: number, place: Place, size: number): Operand => {
    const strides = scopes[i]?.strides ?? [];
    return { place, steps: strides.map((stride) => stride * size), dense: strides.at(-1) === 1 };
  };
  const reads = inputs.map(({ place, dtype }, i) => operand(i, place, sizeOf(dtype)));
  const { values, numbered } = valuesOf(loop, (i) => levelOf(reads[i] as Operand));
  const valueAt = (value: number) => numbered[value] ?? -1;
  const stores: Store[] = outputs.map(({ value, place, dtype }, i) => {
    const mask = dtype === 'bool';
    const stored = mask ? values.mask(valueAt(value)) : values.float(valueAt(value));
    return { ...operand(inputs.length + i, place, sizeOf(dtype)), value: stored, mask };
  });
  const totals = sums.map(({ value, place }, i): SumPlan => {
    const at = inputs.length + outputs.length + i;
    return {
      ...operand(at, place, sizeOf(lane)),
      value: values.float(valueAt(value)),
      depth: scopes[at]?.depth ?? 0,
    };
  });
  // A sum of one element is the element added to 0.
  const single = totals.filter(({ depth }) => depth === shape.length);
  for (const sum of single) {
    stores.push({ ...sum, value: values.instr('add', [values.constant(0), sum.value], []), mask: false });
  }
  const several = totals.filter(({ depth }) => depth < shape.length);
  const live = reachable(values, [...stores, ...several]);
  return { lane, ...rows(shape, lane), values, live, inputs: reads, stores, sums: several };
}

function rows(shape: readonly number[], lane: Lane) {
  const size = shape.at(-1) as number;
  const rest = size % lanesOf(lane);
  const whole = (size - rest) / lanesOf(lane);
  const count = shape.slice(0, -1).reduce((n, size) => n * size, 1);
  return { shape, whole, rest, vectors: count * (whole + Math.sign(rest)) };
}
