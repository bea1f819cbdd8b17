import type { z } from 'zod';
import { GraddError } from '../engine/index.ts';
import type { Faults } from './faults.ts';
import { messagesOf } from './schema.ts';

/** The faults that zod found in a body's form. */
export function formError(error: z.ZodError, at: readonly (string | number)[] = []): GraddError {
  const faults = error.issues
    .flatMap(messagesOf)
    .map(([path, detail]) => ({ path: [...at, ...(path as (string | number)[])], detail }));
  return new GraddError('invalid-request', faults[0]?.detail ?? 'The body does not have the right form', {
    faults,
  });
}

/** A body, as far as its form is right. */
export interface Formed<T> {
  body: Partial<T>;
  /** The fields that have faults and are left out. */
  faulty: ReadonlySet<unknown>;
}

const none: ReadonlySet<unknown> = new Set();

/** The body; where its form has faults, the fields without any, so that theirs are found too. */
export function formed<S extends z.ZodObject>(schema: S, json: unknown, faults: Faults): Formed<z.infer<S>> {
  const { data, error } = schema.safeParse(json);
  if (error === undefined) return { body: data, faulty: none };
  faults.add(formError(error));
  const faulty = new Set(error.issues.map(({ path }) => path[0]));
  // What is no object has no fields that could have faults of their own.
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw faults.joined();
  const sound = Object.entries(json).filter(([field]) => field in schema.shape && !faulty.has(field));
  return { body: Object.fromEntries(sound) as Partial<z.infer<S>>, faulty };
}

/** Complains unless exactly one program is given. */
export function checkOneProgram(
  { expression, graph, program }: { expression?: unknown; graph?: unknown; program?: unknown },
  { faulty }: { faulty: ReadonlySet<unknown> },
  faults: Faults,
): void {
  const given = [expression, graph, program].filter((each) => each !== undefined).length;
  if (faulty.size > 0 || given === 1) return;
  const message = `Exactly one of "expression", "graph" and "program" must be given`;
  faults.add(new GraddError('invalid-request', message, { path: [] }));
}

/** Reads every entry of a record. */
export function readAll<T>(
  record: Record<string, unknown>,
  where: string,
  faults: Faults,
  read: (value: unknown, name: string) => T,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const name of Object.keys(record)) {
    try {
      found.set(name, read(record[name], name));
    } catch (error) {
      faults.add(error, [where, name]);
    }
  }
  return found;
}
