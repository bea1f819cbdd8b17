import type { FunctionBuilder } from './function.ts';
import type { Place } from './loop.ts';
import { I32, op } from './opcodes.ts';

/** An address: what a local holds plus an offset known when the loop is compiled. */
export interface Address {
  readonly local: number;
  readonly offset: number;
}

interface Pointer {
  readonly local: number;
  /** Bytes to the next element, per dimension. */
  readonly steps: readonly number[];
}

const BASE = 0;
const TABLE = 1;

/** The pointers of a loop. Operands that step alike through the bytes behind the base share one. */
export class Pointers {
  private readonly f: FunctionBuilder;
  private readonly shared = new Map<string, Pointer>();

  constructor(f: FunctionBuilder) {
    this.f = f;
  }

  /** The address of an operand's element; emits where its pointer begins. */
  address(place: Place, steps: readonly number[]): Address {
    const slot = 'slot' in place ? place.slot : null;
    const offset = 'slot' in place ? 0 : place.offset;
    const moves = steps.some((step) => step !== 0);
    if (slot === null && !moves) return { local: BASE, offset };
    const key = `${slot} ${steps.join()}`;
    const pointer = this.shared.get(key) ?? this.start(slot, steps);
    this.shared.set(key, pointer);
    return { local: pointer.local, offset };
  }

  private start(slot: number | null, steps: readonly number[]): Pointer {
    const local = this.f.local(I32);
    if (slot === null) this.f.get(BASE);
    else
      this.f
        .get(TABLE)
        .op(op.i32Load)
        .memory(4 * slot);
    this.f.set(local);
    return { local, steps };
  }

  /** Moves every pointer by what `bytes` makes of its steps. */
  advance(bytes: (steps: readonly number[]) => number): void {
    for (const { local, steps } of this.shared.values()) {
      const by = bytes(steps);
      if (by !== 0) this.f.get(local).i32(by).op(op.i32Add).set(local);
    }
  }
}
