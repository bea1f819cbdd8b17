import { readdirSync, readFileSync } from 'node:fs';
import {
  AttributeError,
  call,
  caught,
  type Machine,
  machine,
  type Py,
  PyModule,
  type Visit,
} from '../program/host.ts';
import { type Code, compileProgram } from '../program/index.ts';
import { Frame } from '../program/runtime/machine.ts';

const folder = new URL('./library/', import.meta.url);

const EXTENSION = '.py';

/** The modules that are written in Python: `library/torch.nn.init.py` is the module `torch.nn.init`. */
const names: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith(EXTENSION))
  .map((file) => file.slice(0, -EXTENSION.length))
  .sort();

const limits = { maxLength: 2 ** 24, maxDepth: 200, maxNodes: 2 ** 24 };

const compiled = new Map<string, Code>();

/** The code of a module: compiled once per process. */
function codeOf(name: string): Code {
  let code = compiled.get(name);
  if (code === undefined) {
    code = compileProgram(readFileSync(new URL(`${name}${EXTENSION}`, folder), 'utf8'), limits);
    compiled.set(name, code);
  }
  return code;
}

/**
 * A module written in Python. It is compiled and run when a program first asks for something in it, and belongs to that
 * program. What the host gives it (`members`) is there for its own text too, as are the modules below it. What it does
 * not have it may find with a function `__getattr__`, so that a part which few programs need is not loaded for all.
 */
export class LibraryModule extends PyModule {
  private globals: (Py | undefined)[] | null = null;

  override visit(see: Visit): void {
    super.visit(see);
    for (const value of this.globals ?? []) see(value);
  }

  override getAttribute(name: string): Py | undefined {
    return this.own(name) ?? super.getAttribute(name) ?? this.late(name);
  }

  /** What the module's own text defines. */
  private own(name: string): Py | undefined {
    const index = codeOf(this.name).globals.get(name);
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
    const code = codeOf(name);
    const m: Machine = machine;
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

/**
 * Adds the modules written in Python to those of the host, each as a member of its parent too.
 *
 * @param modules by dotted name; a module that there is already gives its members to the one in Python of its name
 */
export function withLibrary(modules: ReadonlyMap<string, PyModule>): Map<string, PyModule> {
  const all = new Map(modules);
  for (const name of names) all.set(name, new LibraryModule(name, modules.get(name)?.members ?? none));
  const named = (name: string): PyModule => {
    const module = all.get(name) ?? new PyModule(name, none);
    all.set(name, module);
    return module;
  };
  for (const { name, above, last } of placesOf(all.keys())) named(above).put(last, named(name));
  return all;
}

const none: ReadonlyMap<string, Py> = new Map();

/** A module below another: `torch.nn` is `nn` in `torch`. */
interface Place {
  readonly name: string;
  readonly above: string;
  readonly last: string;
}

let places: readonly Place[] | null = null;

/** Where the modules are, those above before those below; found once, since each program has the same. */
function placesOf(known: Iterable<string>): readonly Place[] {
  if (places !== null) return places;
  const found = new Map<string, Place>();
  const place = (name: string): void => {
    const dot = name.lastIndexOf('.');
    if (dot < 0 || found.has(name)) return;
    const above = name.slice(0, dot);
    place(above);
    found.set(name, { name, above, last: name.slice(dot + 1) });
  };
  for (const name of known) place(name);
  places = [...found.values()];
  return places;
}
