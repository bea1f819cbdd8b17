import { unwatchFile, watchFile } from 'node:fs';
import type { FastifyBaseLogger } from 'fastify';
import { type KeyEntry, type Parsed, readKeysFile, repeated } from '../keys.ts';
import type { KeyRing } from './ring.ts';

/** How often the file is looked at, in milliseconds. Looking survives what events do not: a mount, a rename, a link. */
const LOOK_MS = 1000;

/** The keys of the environment and of the file together. */
function allEntries(fixed: readonly KeyEntry[], path: string): Parsed {
  const { entries, faults } = readKeysFile(path);
  if (faults !== undefined) return { faults };
  const all = [...fixed, ...entries];
  const twice = repeated(all);
  return twice.length > 0 ? { faults: twice.map((fault) => `with API_KEYS, ${fault}`) } : { entries: all };
}

/** @throws Error that names every fault */
export function entriesOf(fixed: readonly KeyEntry[], path: string | undefined): readonly KeyEntry[] {
  if (path === undefined) return fixed;
  const { entries, faults } = allEntries(fixed, path);
  if (faults !== undefined) throw new Error(`API_KEYS_FILE cannot be used:\n  ${faults.join('\n  ')}`);
  return entries;
}

/** Takes on what changes in the file; while the file is at fault the keys stay as they are. Returns the end of it. */
export function followKeys(
  ring: KeyRing,
  fixed: readonly KeyEntry[],
  path: string,
  logger: FastifyBaseLogger | undefined,
): () => void {
  const look = (): void => {
    const { entries, faults } = allEntries(fixed, path);
    if (faults !== undefined) {
      logger?.error({ faults }, 'API_KEYS_FILE cannot be used; the keys stay as they were');
      return;
    }
    ring.replace(entries);
    logger?.info({ keys: entries.length }, 'API_KEYS_FILE was read again');
  };
  watchFile(path, { interval: LOOK_MS, persistent: false }, look);
  return () => unwatchFile(path, look);
}
