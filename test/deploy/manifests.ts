import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const root = resolve(import.meta.dirname, '../..');

// biome-ignore lint/suspicious/noExplicitAny: documents of many forms
export type Any = any;

/** All documents of a YAML file, aliases and merges resolved; a file that is not YAML throws. */
export function documents(path: string): Any[] {
  return parseAllDocuments(readFileSync(join(root, path), 'utf8'), { merge: true }).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS();
  });
}

/** Paths of the YAML files below a folder of the repository. */
export const yamlFiles = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join(folder, file))
    .sort();

/** The variables of a file of `NAME=value` lines; with `commented` those that are commented out too. */
export function variables(path: string, commented = false): string[] {
  const pattern = commented ? /^(?:# ?)?([A-Z_]+)=/ : /^([A-Z_]+)=/;
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  return lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
}
