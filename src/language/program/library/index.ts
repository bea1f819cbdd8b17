import type { PyModule } from '../runtime/function.ts';
import type { Py } from '../runtime/object.ts';
import { abcModule } from './abc.ts';
import { collectionsModule } from './collections.ts';
import { dataclassesModule } from './dataclasses.ts';
import { enumModule } from './enum.ts';
import { functoolsModule } from './functools.ts';
import { itertoolsModule } from './itertools.ts';
import { mathModule } from './math.ts';
import { LibraryModule, ModuleFolder } from './python.ts';
import { randomModule } from './random.ts';
import { sysModule, timeModule } from './system.ts';
import { typingModule } from './typing.ts';

/** Modules that every program can import. */
export const library: ReadonlyMap<string, PyModule> = new Map(
  [
    abcModule,
    collectionsModule,
    dataclassesModule,
    enumModule,
    functoolsModule,
    itertoolsModule,
    mathModule,
    randomModule,
    sysModule,
    timeModule,
    typingModule,
  ].map((module) => [module.name, module]),
);

const folder = new ModuleFolder(new URL('./python/', import.meta.url));

const none: ReadonlyMap<string, Py> = new Map();

/** The modules of one run: those written in Python are its own, and may build on others of the same name. */
export function standardModules(): Map<string, PyModule> {
  const modules = new Map(library);
  for (const name of folder.names)
    modules.set(name, new LibraryModule(folder, name, library.get(name)?.members ?? none));
  return modules;
}
