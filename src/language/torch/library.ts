import { PyModule } from '../program/host.ts';
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
    all.set(name, new LibraryModule(folder, name, modules.get(name)?.members ?? []));
  for (const [path, found] of [...all]) {
    let [name, module] = [path, found];
    for (let dot = name.lastIndexOf('.'); dot >= 0; dot = name.lastIndexOf('.')) {
      const above = name.slice(0, dot);
      const parent = all.get(above) ?? new PyModule(above);
      all.set(above, parent);
      parent.members.set(name.slice(dot + 1), module);
      [name, module] = [above, parent];
    }
  }
  return all;
}
