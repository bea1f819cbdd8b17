import { loadKernels } from '../../../src/engine/kernels/load.ts';

export const kernels = loadKernels();
kernels.memory.grow(64);

export type DType = 'f64' | 'f32' | 'i64' | 'i32' | 'b8';
export const sizes = { f64: 8, f32: 4, i64: 8, i32: 4, b8: 1 } as const;
export const numbers: DType[] = ['f64', 'f32', 'i64', 'i32'];

let top = kernels.heapBase;

/** Forgets every array; called before each case. */
export function clear(): void {
  top = kernels.heapBase;
}

/** Room for bytes, aligned to 8, and 16 bytes behind it that nobody may touch. */
export function room(bytes: number): number {
  const pointer = (top + 7) & ~7;
  top = pointer + bytes + 16;
  const missing = top - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / 65_536));
  new Uint8Array(kernels.memory.buffer, pointer, bytes + 16).fill(0xa5);
  return pointer;
}

/** Whether the bytes behind an array of `bytes` are as `room` left them. */
export function untouched(pointer: number, bytes: number): boolean {
  return new Uint8Array(kernels.memory.buffer, pointer + bytes, 16).every((byte) => byte === 0xa5);
}

/** Writes numbers (int64 as numbers or bigints) and returns where. */
export function put(dtype: DType, values: readonly (number | bigint)[]): number {
  const pointer = room(values.length * sizes[dtype]);
  const view = new DataView(kernels.memory.buffer, pointer);
  values.forEach((value, i) => {
    if (dtype === 'f64') view.setFloat64(i * 8, Number(value), true);
    else if (dtype === 'f32') view.setFloat32(i * 4, Number(value), true);
    else if (dtype === 'i64') view.setBigInt64(i * 8, BigInt(value), true);
    else if (dtype === 'i32') view.setInt32(i * 4, Number(value), true);
    else view.setUint8(i, Number(value));
  });
  return pointer;
}

/** Reads n elements; int64 as bigints. */
export function getExact(dtype: DType, pointer: number, n: number): (number | bigint)[] {
  const view = new DataView(kernels.memory.buffer, pointer);
  return Array.from({ length: n }, (_, i) => {
    if (dtype === 'f64') return view.getFloat64(i * 8, true);
    if (dtype === 'f32') return view.getFloat32(i * 4, true);
    if (dtype === 'i64') return view.getBigInt64(i * 8, true);
    return dtype === 'i32' ? view.getInt32(i * 4, true) : view.getUint8(i);
  });
}

/** Reads n elements as numbers. */
export function get(dtype: DType, pointer: number, n: number): number[] {
  return getExact(dtype, pointer, n).map(Number);
}

/** Calls a kernel by name. */
export function call(name: string, ...args: number[]): number {
  const fn = kernels.fn[name];
  if (fn === undefined) throw new Error(`no kernel ${name}`);
  return fn(...args);
}

/** A new output of n elements, written by a kernel whose first argument it is. */
export function output(name: string, dtype: DType, n: number, ...args: number[]): number[] {
  const pointer = room(n * sizes[dtype]);
  call(name, pointer, ...args);
  if (!untouched(pointer, n * sizes[dtype])) throw new Error(`${name} writes behind its output`);
  return get(dtype, pointer, n);
}

/** The distance of two float results in units of the last place of the expected one. */
export function ulps(dtype: 'f64' | 'f32', actual: number, expected: number): number {
  if (Object.is(actual, expected) || actual === expected) return 0;
  if (!Number.isFinite(actual) || !Number.isFinite(expected)) return Infinity;
  const [digits, low] = dtype === 'f64' ? [52, -1074] : [23, -149];
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(expected) || Number.MIN_VALUE)) - digits, low);
  return Math.abs(actual - expected) / 2 ** Math.max(exponent, -1074);
}
