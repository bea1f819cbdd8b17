/** Edits (insert, delete, replace) between two short strings, counted up to `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** Names longer than this are never suggested for or compared. */
const MAX_LENGTH = 64;
const MAX_CANDIDATES = 5000;

/** `Did you mean "…"?` with the nearest known name, or undefined where none is near. */
export function suggestion(name: string, known: Iterable<string>): string | undefined {
  if (name.length === 0 || name.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let bound = Math.max(1, Math.min(3, Math.floor(name.length / 3)));
  let looked = 0;
  for (const candidate of known) {
    if (++looked > MAX_CANDIDATES) break;
    // Of names equally near, one that begins alike is the likelier.
    const d = distance(name, candidate, Math.ceil(bound)) + (candidate[0] === name[0] ? 0 : 0.5);
    if (d <= bound && candidate !== name) {
      best = candidate;
      bound = d - 0.5;
      if (bound < 1) break;
    }
  }
  return best === undefined ? undefined : `Did you mean "${best}"?`;
}
