import { GraddError } from '../../errors.ts';
import type { Kernels } from '../../kernels/load.ts';
import { LoopEmitter } from './emit-loop.ts';
import { type VectorFunction, vectorFunction } from './library.ts';
import type { Lane, Loop } from './loop.ts';
import { KERNELS, ModuleBuilder } from './module.ts';
import { planLoop } from './plan.ts';

export type { Lane, Loop, LoopInput, LoopInstr, LoopOutput, LoopSum, Place } from './loop.ts';

/** A loop's function: the base of places with an offset, and the table of places with a slot. */
export type LoopFn = (base: number, table: number) => void;

/** What a loop can do with a kernel: its operands, its parameters, and what it makes. */
export interface LoopKernel {
  readonly arity: number;
  readonly extra: number;
  readonly result: 'float' | 'bool';
}

/** Whether a kernel can be part of a loop of this lane, and what it is there. */
export function loopKernel(kernel: string, lane: Lane): LoopKernel | null {
  const fn = vectorFunction(kernel, lane);
  return fn && { arity: fn.arity, extra: fn.extra, result: fn.result };
}

/** Every function that some loops apply. */
function functionsOf(loops: readonly Loop[]): Set<VectorFunction> {
  const used = new Set<VectorFunction>();
  for (const { lane, body } of loops) {
    for (const { kernel } of body) {
      const fn = vectorFunction(kernel, lane);
      if (fn !== null) used.add(fn);
    }
  }
  return used;
}

/** The module of some loops; it exports a function for each, by its number. */
export function encodeLoops(loops: readonly Loop[]): Uint8Array {
  const module = new ModuleBuilder(loops.length, functionsOf(loops));
  for (const loop of loops) module.add(new LoopEmitter(planLoop(loop), module).emit());
  return module.finish();
}

/**
 * Compiles loops: one function for each, all in one module over the kernels' memory.
 *
 * @throws {GraddError} `internal` where a loop has a kernel that `loopKernel` does not know.
 */
export function emitLoops(loops: readonly Loop[], kernels: Kernels): LoopFn[] {
  const module = new WebAssembly.Module(encodeLoops(loops));
  const imports = { [KERNELS]: { memory: kernels.memory, ...kernels.vectors } };
  const { exports } = new WebAssembly.Instance(module, imports);
  return loops.map((_, i) => {
    const fn = exports[i];
    if (typeof fn !== 'function') throw new GraddError('internal', `Loop ${i} has no function`);
    return fn as LoopFn;
  });
}
