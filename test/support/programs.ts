import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../programs/', import.meta.url);

/** A value that a program left: a tensor, a Python number or text, or a list of such. */
export type RecordedValue =
  | RecordedTensor
  | number
  | string
  | boolean
  | null
  | RecordedValue[]
  | { type: string };

export interface RecordedTensor {
  dtype: string;
  shape: number[];
  /** Nested as the shape says; `NaN`, `Infinity` and `-Infinity` as texts, and ints from 2^53 on too. */
  data: unknown;
  requires_grad: boolean;
  is_leaf: boolean;
  grad_fn: string | null;
}

/** What a program did under CPython and PyTorch. */
export interface RecordedProgram {
  /** Of the text that was run: its first 16 digits. */
  sha256: string;
  stdout: string;
  /** What it raised, and the innermost line of the program where it did. */
  exception?: { type: string; message: string; line: number };
  /** By expression (`w.grad`). */
  values?: Record<string, RecordedValue>;
}

export interface ProgramCase extends RecordedProgram {
  name: string;
  source: string;
}

export const recordedPrograms = (
  JSON.parse(readFileSync(new URL('recorded.json', folder), 'utf8')) as {
    programs: Record<string, RecordedProgram>;
  }
).programs;

const tools = new Set(['record.py', 'library.py']);

/** The names of the programs in the folder. */
export const programNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.py') && !tools.has(file))
  .map((file) => file.slice(0, -'.py'.length))
  .sort();

export const programSource = (name: string): string => readFileSync(new URL(`${name}.py`, folder), 'utf8');

export const sourceDigest = (source: string): string =>
  createHash('sha256').update(source).digest('hex').slice(0, 16);

/** Every recorded program with its text. */
export const programCases = (): ProgramCase[] =>
  Object.entries(recordedPrograms).map(([name, record]) => ({
    name,
    source: programSource(name),
    ...record,
  }));
