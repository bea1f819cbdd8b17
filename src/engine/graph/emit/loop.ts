/** The dtype of the lanes of a vector. */
export type Lane = 'float32' | 'float64';

/** Where an operand lies: at base + offset bytes, or at the address that entry `slot` of the table (int32s) holds. */
export type Place = { readonly offset: number } | { readonly slot: number };

/** An array that a loop reads. */
export interface LoopInput {
  readonly place: Place;
  readonly dtype: Lane | 'bool';
  /** In elements, per dimension of the loop; the innermost is 0 or 1. */
  readonly strides: readonly number[];
}

/** An array that a loop writes. It may be an input, element for element, but not overlap one otherwise. */
export interface LoopOutput {
  readonly value: number;
  readonly place: Place;
  readonly dtype: Lane | 'bool';
  readonly strides: readonly number[];
}

/** A sum over the innermost `dims` dimensions of the loop, stored with `strides` over the remaining ones. */
export interface LoopSum {
  readonly value: number;
  readonly place: Place;
  readonly dims: number;
  readonly strides: readonly number[];
}

/** A kernel applied to values: its name without the dtype, `mul`, and the parameters behind its operands. */
export interface LoopInstr {
  readonly kernel: string;
  readonly operands: readonly number[];
  readonly extra: readonly number[];
}

/** A fused pointwise loop. Values are numbered: inputs first, then constants, then the results of the body. */
export interface Loop {
  /** The dtype of every float in the loop. */
  readonly lane: Lane;
  /** The iteration space, outermost first; [] is one element; sizes are positive. */
  readonly shape: readonly number[];
  readonly inputs: readonly LoopInput[];
  /** The same for every element. A float is rounded to the lane's dtype. */
  readonly constants: readonly (number | boolean)[];
  readonly body: readonly LoopInstr[];
  readonly outputs: readonly LoopOutput[];
  readonly sums: readonly LoopSum[];
}

/** Elements of a vector. */
export const lanesOf = (lane: Lane): 2 | 4 => (lane === 'float32' ? 4 : 2);

/** Bytes of an element. */
export const sizeOf = (dtype: Lane | 'bool'): 1 | 4 | 8 =>
  dtype === 'bool' ? 1 : dtype === 'float32' ? 4 : 8;
