import { readFileSync } from 'node:fs';

/** A kernel: pointers and counts as int32 numbers, parameters as numbers. Some return an int32. */
export type KernelFn = (...args: number[]) => number;

/** One instance of the kernels with a memory of its own. */
export type Kernels = {
  readonly memory: WebAssembly.Memory;
  /** The first byte free for the host: kernels allocate nothing. */
  readonly heapBase: number;
  /** Whether this is the build with fused multiply-add. */
  readonly relaxed: boolean;
  /** Every kernel by its name, `add_f32`. */
  readonly fn: Readonly<Record<string, KernelFn>>;
  /** The functions on vectors, `v_tanh_f32`, `m_eq_f32`: other modules can import them, JavaScript cannot call them. */
  readonly vectors: Readonly<Record<string, unknown>>;
};

/** (func (result v128) i32.const 0, i8x16.splat thrice, f32x4.relaxed_madd) */
const relaxedProbe = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0,
  253, 15, 65, 0, 253, 15, 253, 133, 2, 11,
]);

/** Whether this runtime has relaxed SIMD (Node 22 and later). */
export const relaxed = WebAssembly.validate(relaxedProbe);

const file = relaxed ? './build/kernels-relaxed.wasm' : './build/kernels.wasm';
let bytes: Uint8Array | undefined;
let compiled: WebAssembly.Module | undefined;

/** The build of the kernels that this runtime uses, as it is in the file. */
export function kernelBytes(): Uint8Array {
  bytes ??= readFileSync(new URL(file, import.meta.url));
  return bytes;
}

function compiledModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(kernelBytes());
  return compiled;
}

const isVector = (name: string): boolean => /^[vm]_/.test(name);

/**
 * A new instance of the kernels; the module is compiled once per process.
 *
 * @throws {Error} When the kernels have not been built.
 */
export function loadKernels(): Kernels {
  const { memory, heap_base: heapBase, ...rest } = new WebAssembly.Instance(compiledModule()).exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof heapBase !== 'function') {
    throw new Error(`${file} is not a build of the kernels`);
  }
  const entries = Object.entries(rest);
  const fn = Object.fromEntries(entries.filter(([name]) => !isVector(name))) as Record<string, KernelFn>;
  const vectors = Object.fromEntries(entries.filter(([name]) => isVector(name)));
  return { memory, heapBase: heapBase(), relaxed, fn, vectors };
}
