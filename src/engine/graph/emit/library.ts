import { kernelBytes } from '../../kernels/load.ts';
import { type Body, bodyOf, type DecodedModule, decodeModule, type FunctionType } from './decode.ts';
import type { Lane } from './loop.ts';
import { I32, op, simd, V128 } from './opcodes.ts';

/** A function on vectors that a loop can apply. */
export interface VectorFunction {
  /** The export of the kernels' module that it is; of no export, where it is written here. */
  readonly name: string | null;
  readonly body: Body;
  readonly arity: number;
  /** Parameters behind the operands, each a number in every lane. */
  readonly extra: number;
  readonly result: 'float' | 'bool';
  /** What its operands are to be: floats, whatever they are, or of `where` first a mask. */
  readonly operands: 'floats' | 'any' | 'condition';
  /** Functions that its body calls, as exports; null where the body only works in its own module. */
  readonly calls: ReadonlyMap<number, Callee> | null;
}

export interface Callee {
  readonly name: string;
  readonly type: FunctionType;
}

interface Library {
  readonly module: DecodedModule;
  /** Names of exported vector functions. */
  readonly names: ReadonlyMap<number, string>;
  readonly known: Record<Lane, Map<string, VectorFunction | null>>;
}

const suffix = { float32: 'f32', float64: 'f64' } as const;

/** A function of vectors, written here. */
function written(params: number, code: readonly number[]): Body {
  const type = { params: new Array<number>(params).fill(V128), results: [V128] };
  return bodyOf(type, [], Uint8Array.from(code));
}

/** condition ? a : b; the kernel of that name moves elements of any kind. */
const where: VectorFunction = {
  name: null,
  body: written(3, [op.localGet, 1, op.localGet, 2, op.localGet, 0, op.simd, simd.bitselect]),
  arity: 3,
  extra: 0,
  result: 'float',
  operands: 'condition',
  calls: new Map(),
};

/** The bits that two vectors share: of a mask and ones, the mask as numbers. */
export const bitwiseAnd: VectorFunction = {
  ...where,
  body: written(2, [op.localGet, 0, op.localGet, 1, op.simd, simd.and]),
  arity: 2,
};

let library: Library | undefined;

function load(): Library {
  const module = decodeModule(kernelBytes());
  const vectors = [...module.exports].filter(([name]) => /^[vm]_/.test(name));
  return {
    module,
    names: new Map(vectors.map(([name, index]) => [index, name])),
    known: { float32: new Map(), float64: new Map() },
  };
}

/** The vector function behind a kernel, or null where it has none for the lane. */
export function vectorFunction(kernel: string, lane: Lane): VectorFunction | null {
  if (kernel === 'where') return where;
  library ??= load();
  const known = library.known[lane].get(kernel);
  if (known !== undefined) return known;
  const found = find(library, kernel, suffix[lane]);
  library.known[lane].set(kernel, found);
  return found;
}

function find(library: Library, kernel: string, dtype: string): VectorFunction | null {
  const { module } = library;
  const names = [`v_${kernel}_${dtype}`, `m_${kernel}_${dtype}`];
  const name = names.find((candidate) => module.exports.has(candidate));
  const whole = module.exports.get(`${kernel}_${dtype}`);
  if (name === undefined || whole === undefined) return null;
  const body = module.body(module.exports.get(name) as number);
  // Of a kernel (out, a, b, n, p): pointers and the count are int32, parameters are floats.
  const pointers = module.typeOf(whole).params.filter((type) => type === I32).length;
  const arity = pointers - 2;
  return {
    name,
    body,
    arity,
    extra: body.type.params.length - arity,
    result: name.startsWith('m_') ? 'bool' : 'float',
    // These ask whether an operand is 0: a mask does as well as a float, its set lanes are NaN.
    operands: kernel.startsWith('logical_') ? 'any' : 'floats',
    calls: callees(library, body),
  };
}

function callees({ module, names }: Library, body: Body): ReadonlyMap<number, Callee> | null {
  if (body.bound) return null;
  const calls = new Map<number, Callee>();
  for (const index of body.calls) {
    const name = names.get(index);
    if (name === undefined) return null;
    calls.set(index, { name, type: module.typeOf(index) });
  }
  return calls;
}
