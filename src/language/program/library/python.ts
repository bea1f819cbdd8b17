import { readdirSync, readFileSync } from 'node:fs';
import { type Code, compileProgram } from '../index.ts';
import { AttributeError, caught } from '../runtime/exceptions.ts';
import { PyModule } from '../runtime/function.ts';
import { Frame, machine } from '../runtime/machine.ts';
import type { Py, Visit } from '../runtime/object.ts';
import { call } from '../runtime/operations.ts';

const EXTENSION = '.py';
const limits = { maxLength: 2 ** 24, maxDepth: 200, maxNodes: 2 ** 24 };

/** A folder of modules written in Python: `torch.nn.init.py` is the module `torch.nn.init`. */
export class ModuleFolder {
  readonly names: readonly string[];
  private readonly folder: URL;
  private readonly compiled = new Map<string, Code>();

  constructor(folder: URL) {
    this.folder = folder;
    this.names = readdirSync(folder)
      .filter((file) => file.endsWith(EXTENSION))
      .map((file) => file.slice(0, -EXTENSION.length))
      .sort();
  }

  /** The code of a module: compiled when it is first asked for, once per process. */
  codeOf(name: string): Code {
    let code = this.compiled.get(name);
    if (code === undefined) {
      code = compileProgram(readFileSync(new URL(`${name}${EXTENSION}`, this.folder), 'utf8'), limits);
      this.compiled.set(name, code);
    }
    return code;
  }
}

/**
 * A module written in Python. It runs when a program first asks for something in it, and belongs to that program. What
 * the host gives it (`members`) is there for its own text too, as are the modules below it. What it does not have it may
 * find with a function `__getattr__`, so that a part which few programs need is not loaded for all.
 */
export class LibraryModule extends PyModule {
  private readonly folder: ModuleFolder;
  private globals: (Py | undefined)[] | null = null;

  constructor(folder: ModuleFolder, name: string, members: Iterable<readonly [string, Py]> = []) {
    super(name, members);
    this.folder = folder;
  }

  override visit(see: Visit): void {
    super.visit(see);
    for (const value of this.globals ?? []) see(value);
  }

  /** Whether the program has asked for something in it. */
  get isLoaded(): boolean {
    return this.globals !== null;
  }

  override getAttribute(name: string): Py | undefined {
    for (const found of [this.own(name), super.getAttribute(name)]) if (found !== undefined) return found;
    return this.late(name);
  }

  /** What the module's own text defines. */
  private own(name: string): Py | undefined {
    const index = this.folder.codeOf(this.name).globals.get(name);
    return index === undefined ? undefined : (this.globals ?? this.run())[index];
  }

  private late(name: string): Py | undefined {
    const finder = this.own('__getattr__');
    if (finder === undefined) return undefined;
    try {
      const found = call(finder, [name], null);
      this.put(name, found);
      return found;
    } catch (error) {
      if (caught(error)?.type.isSubclassOf(AttributeError)) return undefined;
      throw error;
    }
  }

  private run(): (Py | undefined)[] {
    const { name } = this;
    const code = this.folder.codeOf(name);
    const m = machine;
    const globals: (Py | undefined)[] = [];
    for (const [each, index] of code.globals) globals[index] = each === '__name__' ? name : this.member(each);
    this.globals = globals;
    m.moduleOf.set(globals, name);
    const { frame } = m;
    m.frame = new Frame(new Array(code.slots()).fill(undefined), globals, '<module>', frame);
    m.depth++;
    try {
      code.run(m.frame);
    } catch (error) {
      this.globals = null;
      throw error;
    } finally {
      m.frame = frame;
      m.depth--;
    }
    return globals;
  }
}
