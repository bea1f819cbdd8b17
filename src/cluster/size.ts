import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Processors that a control group grants, of the text of its `cpu.max`: `200000 100000` is two, `max …` is no bound. */
export function quota(text: string): number {
  const [time, period] = text.trim().split(/\s+/).map(Number);
  return time && period ? Math.max(1, Math.floor(time / period)) : Number.POSITIVE_INFINITY;
}

function granted(): number {
  try {
    return quota(readFileSync('/sys/fs/cgroup/cpu.max', 'utf8'));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Processors that the process may use, which a container may bound. */
export const processors = (): number => Math.min(availableParallelism(), granted());

/** How many processes serve: with `auto` one for each processor. */
export function processCount(setting: 'off' | 'auto' | number): number {
  if (setting === 'off') return 1;
  return setting === 'auto' ? processors() : setting;
}
