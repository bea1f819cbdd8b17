import type { PyModule } from '../runtime/function.ts';
import { collectionsModule } from './collections.ts';
import { dataclassesModule } from './dataclasses.ts';
import { functoolsModule } from './functools.ts';
import { itertoolsModule } from './itertools.ts';
import { mathModule } from './math.ts';
import { randomModule } from './random.ts';
import { typingModule } from './typing.ts';

/** Modules that every program can import. */
export const library: ReadonlyMap<string, PyModule> = new Map(
  [
    collectionsModule,
    dataclassesModule,
    functoolsModule,
    itertoolsModule,
    mathModule,
    randomModule,
    typingModule,
  ].map((module) => [module.name, module]),
);
