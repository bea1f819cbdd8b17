import { Builtin, type Py, PyModule } from '../program/host.ts';
import { LibraryModule, ModuleFolder } from '../program/library/python.ts';

export { LibraryModule };

/** The modules that are written in Python. */
const folder = new ModuleFolder(new URL('./library/', import.meta.url));

/**
 * Adds the modules written in Python to those of the host, each as a member of its parent too.
 *
 * @param modules by dotted name; a module that there is already gives its members to the one in Python of its name
 */
export function withLibrary(modules: ReadonlyMap<string, PyModule>): Map<string, PyModule> {
  const all = new Map(modules);
  for (const name of folder.names)
    all.set(name, new LibraryModule(folder, name, modules.get(name)?.members ?? none));
  const named = (name: string): PyModule => {
    const module = all.get(name) ?? new PyModule(name, none);
    all.set(name, module);
    return module;
  };
  for (const { name, above, last } of placesOf(all.keys())) {
    const parent = named(above);
    // PyTorch has functions under the names of their modules.
    if (!(parent.members.get(last) instanceof Builtin)) parent.put(last, named(name));
  }
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
