import { ByteReader } from './bytes.ts';
import { skipInstruction } from './immediates.ts';
import { op, simd } from './opcodes.ts';

export interface FunctionType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** Stands for what loads a constant: of a table in memory, which nobody writes, or a vector in the code. */
export const CONSTANT = -1;

/** An instruction that changes where a body is copied to. */
export interface Patch {
  /** The code between the patch before and this one. */
  readonly before: Uint8Array;
  readonly code: Uint8Array;
  /** An opcode, or CONSTANT. */
  readonly opcode: number;
  /** The local or the function; of a return, how many blocks it leaves. */
  readonly index: number;
  /** Of a constant, the same as of others that are equal. */
  readonly key: string;
}

/** A function as it can be copied into another. */
export interface Body {
  readonly type: FunctionType;
  /** Types of the locals behind the parameters. */
  readonly locals: readonly number[];
  /** Bytes of its code. */
  readonly size: number;
  readonly patches: readonly Patch[];
  /** The code behind the last patch, without the last `end`. */
  readonly rest: Uint8Array;
  /** Locals, parameters included, that are written. */
  readonly written: ReadonlySet<number>;
  /** Locals that may be read before they are written: they count on being zero. */
  readonly zeroed: readonly number[];
  /** Whether it is left elsewhere than at its end. */
  readonly leaves: boolean;
  /** Functions that it calls. */
  readonly calls: ReadonlySet<number>;
  /** Whether it uses what only its own module has: globals, tables, types of blocks. */
  readonly bound: boolean;
}

/** What a module is made of, as far as functions are copied from it. */
export interface DecodedModule {
  /** Exported functions. */
  readonly exports: ReadonlyMap<string, number>;
  typeOf(index: number): FunctionType;
  body(index: number): Body;
}

interface Sections {
  types: FunctionType[];
  functions: number[];
  exports: Map<string, number>;
  /** Where each function's locals begin and its code ends. */
  codes: { start: number; end: number }[];
}

const section = { type: 1, import: 2, function: 3, export: 7, code: 10 };
const FUNCTION = 0;

function readType(reader: ByteReader): FunctionType {
  reader.byte();
  return { params: reader.vector(() => reader.byte()), results: reader.vector(() => reader.byte()) };
}

function readExports(reader: ByteReader): Map<string, number> {
  const all = reader.vector(() => ({ name: reader.name(), kind: reader.byte(), index: reader.unsigned() }));
  return new Map(all.filter(({ kind }) => kind === FUNCTION).map(({ name, index }) => [name, index]));
}

function readCode(reader: ByteReader): { start: number; end: number } {
  const size = reader.unsigned();
  const start = reader.at;
  reader.at += size;
  return { start, end: reader.at };
}

function readSections(bytes: Uint8Array): Sections {
  const reader = new ByteReader(bytes, 8);
  const sections: Sections = { types: [], functions: [], exports: new Map(), codes: [] };
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const end = reader.unsigned() + reader.at;
    if (id === section.import) throw new Error('functions are copied only from a module without imports');
    if (id === section.type) sections.types = reader.vector(() => readType(reader));
    if (id === section.function) sections.functions = reader.vector(() => reader.unsigned());
    if (id === section.export) sections.exports = readExports(reader);
    if (id === section.code) sections.codes = reader.vector(() => readCode(reader));
    reader.at = end;
  }
  return sections;
}

/** Decodes a module; bodies are decoded when they are asked for, once. */
export function decodeModule(file: Uint8Array): DecodedModule {
  // Not a Buffer, whose parts take long to make.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const { types, functions, exports, codes } = readSections(bytes);
  const bodies = new Map<number, Body>();
  const typeOf = (index: number) => at(types, at(functions, index));
  return {
    exports,
    typeOf,
    body(index) {
      const known = bodies.get(index);
      if (known !== undefined) return known;
      const { start, end } = at(codes, index);
      const decoded = decodeBody(bytes, start, end, typeOf(index));
      bodies.set(index, decoded);
      return decoded;
    },
  };
}

function at<T>(items: ArrayLike<T>, index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`the module has no item ${index}`);
  return item;
}

function readLocals(reader: ByteReader): number[] {
  return reader
    .vector(() => ({ n: reader.unsigned(), type: reader.byte() }))
    .flatMap(({ n, type }) => new Array<number>(n).fill(type));
}

function decodeBody(bytes: Uint8Array, start: number, end: number, type: FunctionType): Body {
  const reader = new ByteReader(bytes, start);
  const locals = readLocals(reader);
  return bodyOf(type, locals, bytes.subarray(reader.at, end - 1));
}

/** A function of its code, without the last `end`. */
export function bodyOf(type: FunctionType, locals: readonly number[], code: Uint8Array): Body {
  const reader = new ByteReader(code);
  const found = new Scan(type.params.length);
  while (reader.at < code.length) found.instruction(reader, reader.at);
  const { patches, written, calls, leaves, end } = found;
  const rest = code.subarray(end);
  return {
    type,
    locals,
    size: code.length,
    patches,
    rest,
    written,
    calls,
    leaves,
    bound: found.bound,
    zeroed: [...found.zeroed],
  };
}

/** Instructions that name what only their module has. */
const bound: ReadonlySet<number> = new Set([op.globalGet, op.globalSet, op.callIndirect]);

const isLoad = (code: number): boolean =>
  code < simd.store || code === simd.load32Zero || code === simd.load64Zero;

/** What a scan over the instructions of a body finds. */
class Scan {
  readonly patches: Patch[] = [];
  readonly written = new Set<number>();
  readonly calls = new Set<number>();
  readonly zeroed = new Set<number>();
  /** Locals that have been written on every way here. */
  private readonly sure: Set<number>;
  private depth = 0;
  /** Where the instruction before begins, if it is an i32.const. */
  private address: number | null = null;
  /** Where the last patch ends. */
  end = 0;
  leaves = false;
  bound = false;

  constructor(params: number) {
    this.sure = new Set(Array.from({ length: params }, (_, i) => i));
  }

  local(opcode: number, index: number): void {
    if (opcode === op.localGet) {
      if (!this.sure.has(index)) this.zeroed.add(index);
      return;
    }
    this.written.add(index);
    if (this.depth === 0) this.sure.add(index);
  }

  /** A branch to the label of the whole function is a return. */
  branch(label: number): void {
    if (label >= this.depth) this.leaves = true;
  }

  /** A vector constant other than 0, which costs nothing, or a load from a constant address. */
  private constant(reader: ByteReader, start: number): void {
    const code = new ByteReader(reader.bytes, start + 1).unsigned();
    const zero = reader.bytes.subarray(start + 2, reader.at).every((byte) => byte === 0);
    const from = code === simd.const && !zero ? start : isLoad(code) ? this.address : null;
    if (from === null) return;
    this.patch(reader, from, CONSTANT, 0);
  }

  private patch({ bytes, at }: ByteReader, start: number, opcode: number, index: number): void {
    const code = bytes.subarray(start, at);
    const key = opcode === CONSTANT ? code.join() : '';
    this.patches.push({ before: bytes.subarray(this.end, start), code, opcode, index, key });
    this.end = at;
  }

  instruction(reader: ByteReader, start: number): void {
    const opcode = at(reader.bytes, start);
    const { index, labels, ownType } = skipInstruction(reader);
    const patch = (value: number) => this.patch(reader, start, opcode, value);
    if (opcode === op.block || opcode === op.loop || opcode === op.if) this.depth++;
    else if (opcode === op.end) this.depth--;
    else if (opcode === op.localGet || opcode === op.localSet || opcode === op.localTee) {
      this.local(opcode, index);
      patch(index);
    } else if (opcode === op.call) {
      this.calls.add(index);
      patch(index);
    } else if (opcode === op.return) {
      this.leaves = true;
      patch(this.depth);
    } else if (opcode === op.simd) this.constant(reader, start);
    this.address = opcode === op.i32Const ? start : null;
    for (const label of labels) this.branch(label);
    this.bound ||= ownType || bound.has(opcode);
  }
}
