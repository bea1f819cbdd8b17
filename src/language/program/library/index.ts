import type { PyModule } from '../runtime/function.ts';
import type { Py } from '../runtime/object.ts';
import { mathModule } from './math.ts';

/** Modules that every program can import. */
export const library: ReadonlyMap<string, Py> = new Map<string, PyModule>([['math', mathModule]]);
