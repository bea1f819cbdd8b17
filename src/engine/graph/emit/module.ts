import { ByteWriter } from './bytes.ts';
import type { FunctionType } from './decode.ts';
import { FunctionBuilder } from './function.ts';
import type { VectorFunction } from './library.ts';
import { I32 } from './opcodes.ts';

const header = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const id = { type: 1, import: 2, function: 3, export: 7, code: 10 };
const kind = { function: 0, memory: 2 };

/** The module and the names by which loops import from the kernels. */
export const KERNELS = 'kernels';
export const MEMORY = 'memory';

/** A loop's function: (base, table). */
const loopType: FunctionType = { params: [I32, I32], results: [] };

/** A module of loops over the kernels' memory. Imports are known first, since they are numbered before all else. */
export class ModuleBuilder {
  private readonly types = new Map<string, number>();
  private readonly typeBytes = new ByteWriter();
  private readonly imports = new Map<string, number>();
  private readonly importTypes: number[] = [];
  private readonly loops: Uint8Array[] = [];
  private readonly loopCount: number;
  /** Kernels' functions that are called rather than copied in, one copy for all loops. */
  private readonly copies = new Map<VectorFunction, number>();
  private readonly copyTypes: number[] = [];
  private readonly copyCodes: Uint8Array[] = [];

  constructor(loops: number, used: Iterable<VectorFunction>) {
    this.loopCount = loops;
    for (const fn of used) {
      if (fn.calls === null) this.import(fn.name as string, fn.body.type);
      else for (const { name, type } of fn.calls.values()) this.import(name, type);
    }
  }

  private type({ params, results }: FunctionType): number {
    const key = `${params} ${results}`;
    const known = this.types.get(key);
    if (known !== undefined) return known;
    this.types.set(key, this.types.size);
    this.typeBytes.byte(0x60);
    for (const list of [params, results]) this.typeBytes.unsigned(list.length).raw(Uint8Array.from(list));
    return this.types.size - 1;
  }

  private import(name: string, type: FunctionType): void {
    if (this.imports.has(name)) return;
    this.imports.set(name, this.imports.size);
    this.importTypes.push(this.type(type));
  }

  /** The function that is called for a kernel's: an import, or a copy of it in this module. */
  functionOf(fn: VectorFunction): number {
    if (fn.calls === null) return this.imports.get(fn.name as string) as number;
    const known = this.copies.get(fn);
    if (known !== undefined) return known;
    const f = new FunctionBuilder(fn.body.type.params.length);
    this.spliceInto(
      f,
      fn,
      fn.body.type.params.map((_, i) => i),
    );
    const index = this.imports.size + this.loopCount + this.copies.size;
    this.copies.set(fn, index);
    this.copyTypes.push(this.type(fn.body.type));
    this.copyCodes.push(f.finish());
    return index;
  }

  /** Copies a kernel's function into another; what it calls is imported. */
  spliceInto(f: FunctionBuilder, fn: VectorFunction, args: readonly number[]): void {
    f.splice(fn.body, args, (callee) => this.imports.get(fn.calls?.get(callee)?.name as string) as number);
  }

  add(loop: Uint8Array): void {
    this.loops.push(loop);
  }

  finish(): Uint8Array {
    const { imports, exports, functions, code } = this.sections();
    return new ByteWriter()
      .raw(header)
      .section(id.type, new ByteWriter().unsigned(this.types.size).raw(this.typeBytes.bytes()))
      .section(id.import, imports)
      .section(id.function, functions)
      .section(id.export, exports)
      .section(id.code, code)
      .bytes();
  }

  private sections() {
    const loop = this.type(loopType);
    const imports = new ByteWriter().unsigned(this.imports.size + 1);
    imports.name(KERNELS).name(MEMORY).byte(kind.memory).byte(0).unsigned(1);
    for (const [name, index] of this.imports) {
      imports
        .name(KERNELS)
        .name(name)
        .byte(kind.function)
        .unsigned(this.importTypes[index] as number);
    }
    const count = this.loops.length + this.copyCodes.length;
    const functions = new ByteWriter().unsigned(count);
    const exports = new ByteWriter().unsigned(this.loops.length);
    const code = new ByteWriter().unsigned(count);
    this.loops.forEach((bytes, i) => {
      functions.unsigned(loop);
      exports
        .name(String(i))
        .byte(kind.function)
        .unsigned(this.imports.size + i);
      code.raw(bytes);
    });
    for (const type of this.copyTypes) functions.unsigned(type);
    for (const bytes of this.copyCodes) code.raw(bytes);
    return { imports, exports, functions, code };
  }
}
