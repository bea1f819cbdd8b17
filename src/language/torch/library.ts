import { readdirSync, readFileSync } from 'node:fs';
import { Builtin, type Machine, machine, type Py, PyModule, type Visit } from '../program/host.ts';
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
 * A module written in Python. It runs when a program first asks for something in it, and belongs to that program. What
 * the host gives it (`members`) is there for its own text too, as are the modules below it.
 */
export class LibraryModule extends PyModule {
  private readonly code: Code;
  private globals: (Py | undefined)[] | null = null;

  constructor(name: string, members: Iterable<readonly [string, Py]> = []) {
    super(name, members);
    this.code = codeOf(name);
  }

  override visit(see: Visit): void {
    super.visit(see);
    for (const value of this.globals ?? []) see(value);
  }

  override getAttribute(name: string): Py | undefined {
    const index = this.code.globals.get(name);
    const own = index === undefined ? undefined : (this.globals ?? this.run())[index];
    return own ?? super.getAttribute(name);
  }

  private run(): (Py | undefined)[] {
    const { code, name } = this;
    const m: Machine = machine;
    const globals: (Py | undefined)[] = [];
    for (const [each, index] of code.globals)
      globals[index] = each === '__name__' ? name : this.members.get(each);
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
  for (const name of names) all.set(name, new LibraryModule(name, modules.get(name)?.members ?? []));
  for (const [path, found] of [...all]) {
    let [name, module] = [path, found];
    for (let dot = name.lastIndexOf('.'); dot >= 0; dot = name.lastIndexOf('.')) {
      const above = name.slice(0, dot);
      const parent = all.get(above) ?? new PyModule(above);
      all.set(above, parent);
      // PyTorch has functions under the names of their modules.
      const last = name.slice(dot + 1);
      if (!(parent.members.get(last) instanceof Builtin)) parent.members.set(last, module);
      [name, module] = [above, parent];
    }
  }
  return all;
}
