export type KernelDeclaration = {
  name: string;
  module: string;
  dtypes: string[];
  /** The parameters with their types, as AssemblyScript writes them. */
  parameters: string;
  result: string;
  arguments: string[];
  /** Dtypes of each export: one, or two for a conversion. */
  instances: string[][];
};

/** Every kernel that the sources declare. */
export function listKernels(): KernelDeclaration[];

/** The table of kernels in src/engine/kernels/README.md. */
export function kernelTable(): string;

/** Writes build/kernels.wasm and build/kernels-relaxed.wasm. */
export function buildKernels(): Promise<void>;
