import {
  emitLoops,
  type Lane,
  type Loop,
  type LoopInput,
  type LoopInstr,
  type LoopOutput,
  type LoopSum,
} from '../../../../src/engine/graph/emit/index.ts';
import { loadKernels } from '../../../../src/engine/kernels/load.ts';

export const kernels = loadKernels();
kernels.memory.grow(256);

export const lanes: readonly Lane[] = ['float32', 'float64'];
export const suffix = { float32: 'f32', float64: 'f64', bool: 'b8' } as const;
export const size = { float32: 4, float64: 8, bool: 1 } as const;
type DType = keyof typeof size;

const GUARD = 32;
let top = kernels.heapBase;
let rooms: { from: number; to: number }[] = [];

/** Forgets every array. */
export function clear(): void {
  top = (kernels.heapBase + 63) & ~63;
  rooms = [];
}

/** Room for n elements, with bytes before and behind that nobody may touch. */
export function room(dtype: DType, n: number): number {
  const pointer = ((top + 7) & ~7) + GUARD;
  const end = pointer + n * size[dtype];
  new Uint8Array(kernels.memory.buffer, pointer - GUARD, end - pointer + 2 * GUARD).fill(0xa5);
  rooms.push({ from: pointer - GUARD, to: pointer }, { from: end, to: end + GUARD });
  top = end + GUARD;
  return pointer;
}

/** Whether nobody wrote beside an array. */
export function unharmed(): boolean {
  const bytes = new Uint8Array(kernels.memory.buffer);
  return rooms.every(({ from, to }) => bytes.subarray(from, to).every((byte) => byte === 0xa5));
}

function view(dtype: DType, pointer: number, n: number): Float32Array | Float64Array | Uint8Array {
  const { buffer } = kernels.memory;
  if (dtype === 'float32') return new Float32Array(buffer, pointer, n);
  return dtype === 'float64' ? new Float64Array(buffer, pointer, n) : new Uint8Array(buffer, pointer, n);
}

export function put(dtype: DType, values: readonly number[]): number {
  const pointer = room(dtype, values.length);
  view(dtype, pointer, values.length).set(values);
  return pointer;
}

export function get(dtype: DType, pointer: number, n: number): number[] {
  return [...view(dtype, pointer, n)];
}

/** An ordinary kernel's result. */
export function kernel(name: string, dtype: DType, n: number, ...args: number[]): number[] {
  const out = room(dtype, n);
  kernels.fn[name]?.(out, ...args);
  return get(dtype, out, n);
}

export const at = (pointer: number) => ({ offset: pointer });

export function input(pointer: number, dtype: DType, strides: readonly number[]): LoopInput {
  return { place: at(pointer), dtype, strides };
}

export function output(value: number, pointer: number, dtype: DType, strides: readonly number[]): LoopOutput {
  return { value, place: at(pointer), dtype, strides };
}

export function sum(value: number, pointer: number, dims: number, strides: readonly number[]): LoopSum {
  return { value, place: at(pointer), dims, strides };
}

export function instr(name: string, operands: readonly number[], extra: readonly number[] = []): LoopInstr {
  return { kernel: name, operands, extra };
}

/** A loop of which only what matters is said. */
export function loop(parts: Partial<Loop> & Pick<Loop, 'lane' | 'shape'>): Loop {
  return { inputs: [], constants: [], body: [], outputs: [], sums: [], ...parts };
}

/** Compiles a loop and runs it. */
export function run(parts: Partial<Loop> & Pick<Loop, 'lane' | 'shape'>): void {
  emitLoops([loop(parts)], kernels)[0]?.(0, 0);
}
