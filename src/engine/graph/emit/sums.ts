import type { FunctionBuilder } from './function.ts';
import { type Lane, lanesOf } from './loop.ts';
import { op, simd, V128 } from './opcodes.ts';
import type { Address } from './pointers.ts';
import { firstLanes } from './values.ts';

/** Vectors that are added up before rounding losses are collected. */
export const BLOCK = 64;

/** Where the sum of a block goes into the total: behind every BLOCK vectors of a row, or at the end of a dimension. */
type Fold = 'block' | number;

/** A sum as the loop goes on: a block's, the blocks' total, and what adding those lost by rounding (Neumaier). */
export interface Accumulator {
  readonly value: number;
  readonly depth: number;
  readonly fold: Fold;
  readonly address: Address;
  readonly block: number;
  /** None where there is one block only. */
  readonly total: { readonly sum: number; readonly lost: number } | null;
}

/** Where blocks end, so that none has more than BLOCK vectors: as far out as possible. */
export function foldOf(shape: readonly number[], vectorsPerRow: number, depth: number): Fold {
  let level = shape.length - 1;
  let vectors = vectorsPerRow;
  if (vectors > BLOCK) return 'block';
  while (level > depth && vectors * (shape[level - 1] as number) <= BLOCK)
    vectors *= shape[--level] as number;
  return level;
}

export function accumulator(
  f: FunctionBuilder,
  sum: { value: number; depth: number; fold: Fold; address: Address },
): Accumulator {
  const total = sum.fold === sum.depth ? null : { sum: f.local(V128), lost: f.local(V128) };
  return { ...sum, block: f.local(V128), total };
}

const opcodes = {
  float32: { add: simd.f32x4Add, sub: simd.f32x4Sub, eq: simd.f32x4Eq },
  float64: { add: simd.f64x2Add, sub: simd.f64x2Sub, eq: simd.f64x2Eq },
};

/** Emits the parts of sums of a lane's dtype. */
export class Sums {
  private readonly f: FunctionBuilder;
  private readonly lane: Lane;

  constructor(f: FunctionBuilder, lane: Lane) {
    this.f = f;
    this.lane = lane;
  }

  begin({ block, total }: Accumulator): void {
    for (const local of total === null ? [block] : [block, total.sum, total.lost]) this.clear(local);
  }

  private clear(local: number): void {
    this.f.v128(new Uint8Array(16)).set(local);
  }

  /** Adds the first n lanes of a value. */
  add({ block }: Accumulator, value: number, n: number): void {
    this.f.get(block).get(value);
    if (n < lanesOf(this.lane)) this.f.v128(firstLanes(this.lane, n)).simd(simd.and);
    this.f.simd(opcodes[this.lane].add).set(block);
  }

  /** Adds the block to the total and begins another; beside an infinity or NaN nothing is lost. */
  fold({ block, total }: Accumulator): void {
    if (total === null) return;
    const { f } = this;
    const { add, sub, eq } = opcodes[this.lane];
    const [t, u] = [f.local(V128), f.local(V128)];
    const { sum, lost } = total;
    f.get(sum).get(block).simd(add).tee(t).get(sum).simd(sub).set(u);
    f.get(sum).get(t).get(u).simd(sub).simd(sub).get(block).get(u).simd(sub).simd(add).set(u);
    f.get(lost).get(u).get(u).get(u).simd(eq).simd(simd.and).simd(add).set(lost);
    f.get(t).set(sum);
    this.clear(block);
    f.release(t);
    f.release(u);
  }

  /** Stores the sum of all lanes. */
  finish({ block, total, address }: Accumulator): void {
    const { f } = this;
    const parts = total === null ? [block] : [total.sum, total.lost];
    f.get(address.local);
    if (this.lane === 'float64') this.total64(parts);
    else this.total32(parts);
    f.op(this.lane === 'float32' ? op.f32Store : op.f64Store).memory(address.offset);
  }

  private total64(parts: readonly number[]): void {
    this.addUp(parts.map((part) => () => this.f.get(part)));
  }

  /** The lanes of float32 are added in float64. */
  private total32(parts: readonly number[]): void {
    const low = (part: number) => () => this.f.get(part).simd(simd.promoteLow);
    const high = (part: number) => () => {
      this.f.get(part).get(part).simd(simd.shuffle).code.raw(highHalf);
      this.f.simd(simd.promoteLow);
    };
    this.addUp(parts.flatMap((part) => [low(part), high(part)]));
    this.f.op(op.f32DemoteF64);
  }

  /** The sum of both lanes of vectors of float64. */
  private addUp(vectors: readonly (() => void)[]): void {
    const { f } = this;
    const whole = f.local(V128);
    vectors.forEach((vector, i) => {
      vector();
      if (i > 0) f.simd(simd.f64x2Add);
    });
    f.tee(whole).simd(simd.f64x2ExtractLane).op(0).get(whole).simd(simd.f64x2ExtractLane).op(1).op(op.f64Add);
    f.release(whole);
  }
}

const highHalf = Uint8Array.from([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
