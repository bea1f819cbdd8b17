import type { FunctionBuilder } from './function.ts';
import { type Lane, lanesOf } from './loop.ts';
import { I32, op, simd, V128 } from './opcodes.ts';
import type { Address } from './pointers.ts';

const zero = new Uint8Array(16);

/** A byte of each lane's bool, spread over the lane. */
const spread64 = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);

/** One load or store of a lane: the opcode, the lane, the bytes between it and the address. */
type Piece = readonly [opcode: number, lane: number, bytes: number];

function loadPieces(f: FunctionBuilder, { local, offset }: Address, pieces: readonly Piece[]): void {
  f.v128(zero);
  const held = f.local(V128);
  f.set(held);
  for (const [opcode, lane, bytes] of pieces) {
    f.get(local)
      .get(held)
      .simd(opcode)
      .memory(offset + bytes)
      .op(lane)
      .set(held);
  }
  f.get(held);
  f.release(held);
}

/** Loads the first n elements at an address; reads nothing behind them. */
export function loadFloats(f: FunctionBuilder, lane: Lane, n: number, at: Address): void {
  const load = (opcode: number) => f.get(at.local).simd(opcode).memory(at.offset);
  if (n === lanesOf(lane)) load(simd.load);
  else if (lane === 'float64') load(simd.load64Zero);
  else if (n === 1) load(simd.load32Zero);
  else if (n === 2) load(simd.load64Zero);
  else {
    f.get(at.local);
    load(simd.load64Zero);
    f.simd(simd.load32Lane)
      .memory(at.offset + 8)
      .op(2);
  }
}

/** Loads one element into every lane. */
export function loadSplat(f: FunctionBuilder, lane: Lane, { local, offset }: Address): void {
  f.get(local)
    .simd(lane === 'float32' ? simd.load32Splat : simd.load64Splat)
    .memory(offset);
}

/** The masks of the first n bools. */
export function loadMasks(f: FunctionBuilder, lane: Lane, n: number, at: Address): void {
  const { local, offset } = at;
  if (n === 4) f.get(local).simd(simd.load32Zero).memory(offset);
  else if (n === 3) {
    loadPieces(f, at, [
      [simd.load16Lane, 0, 0],
      [simd.load8Lane, 2, 2],
    ]);
  } else loadPieces(f, at, [[n === 2 ? simd.load16Lane : simd.load8Lane, 0, 0]]);
  if (lane === 'float64') spreadBytes(f);
  else f.simd(simd.i16x8ExtendLowU).simd(simd.i32x4ExtendLowU).v128(zero).simd(simd.i32x4GtS);
}

function spreadBytes(f: FunctionBuilder): void {
  const held = f.local(V128);
  f.tee(held).get(held).simd(simd.shuffle).code.raw(spread64);
  f.v128(zero).simd(simd.i8x16GtS);
  f.release(held);
}

/** The mask of one bool in every lane. */
export function loadMaskSplat(f: FunctionBuilder, { local, offset }: Address): void {
  f.get(local).simd(simd.load8Splat).memory(offset).v128(zero).simd(simd.i8x16GtS);
}

/** Stores the first n lanes of `value`. */
export function storeFloats(f: FunctionBuilder, lane: Lane, n: number, at: Address, value: number): void {
  const { local, offset } = at;
  if (n === lanesOf(lane)) {
    f.get(local).get(value).simd(simd.store).memory(offset);
    return;
  }
  const piece = (opcode: number, index: number, bytes: number) =>
    f
      .get(local)
      .get(value)
      .simd(opcode)
      .memory(offset + bytes)
      .op(index);
  if (lane === 'float64' || n > 1) piece(simd.store64Lane, 0, 0);
  if (lane === 'float32' && n !== 2) piece(simd.store32Lane, n - 1, 4 * (n - 1));
}

/** A lane's sign bit becomes a byte 0 or 1: the bits multiplied apart, and what else that makes cut off. */
const bytesOfBits = {
  float32: { bitmask: simd.i32x4Bitmask, factor: 0x204081, kept: 0x01010101 },
  float64: { bitmask: simd.i64x2Bitmask, factor: 0x81, kept: 0x0101 },
};

/** Stores the first n masks of `value` as bools. */
export function storeMasks(f: FunctionBuilder, lane: Lane, n: number, at: Address, value: number): void {
  const { bitmask, factor, kept } = bytesOfBits[lane];
  const bools = f.local(I32);
  f.get(value).simd(bitmask).i32(factor).op(op.i32Mul).i32(kept).op(op.i32And).set(bools);
  const piece = (opcode: number, shift: number) => {
    f.get(at.local).get(bools);
    if (shift > 0) f.i32(8 * shift).op(op.i32ShrU);
    f.op(opcode).memory(at.offset + shift);
  };
  if (n === 4) piece(op.i32Store, 0);
  if (n === 2 || n === 3) piece(op.i32Store16, 0);
  if (n === 1 || n === 3) piece(op.i32Store8, n - 1);
  f.release(bools);
}
