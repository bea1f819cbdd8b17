/** Shorter names are too near to ordinary variables of other programs: `POST`, `HOME`, `API_KEY`. */
const LEAST_LENGTH = 9;

/** How many letters must be changed, added, left out or swapped with a neighbour to make one name of the other. */
function distance(a: string, b: string): number {
  let [older, row]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((row?.[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row?.[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, (older?.[j - 2] ?? 0) + 1);
      next.push(least);
    }
    [older, row] = [row, next];
  }
  return row?.[b.length] ?? 0;
}

/** Variables that were surely meant to be settings, with the names that they should have. */
export function misspelt(env: Record<string, string | undefined>, settings: readonly string[]): string[] {
  // A setting that is there under its right name was not misspelt.
  const missing = settings.filter((name) => name.length >= LEAST_LENGTH && env[name] === undefined);
  return Object.keys(env)
    .filter((name) => name.includes('_') && !settings.includes(name))
    .flatMap((name) => {
      const near = missing.find((known) => {
        const apart = distance(name.toUpperCase(), known);
        return apart <= (known.length < 12 ? 1 : 2);
      });
      return near === undefined ? [] : [`${name}: is no setting; did you mean ${near}?`];
    });
}

interface Related {
  MAX_BODY_BYTES: number;
  MAX_PENDING_BYTES: number;
  MAX_ELEMENTS: number;
  MAX_TOTAL_ELEMENTS: number;
  HEADERS_TIMEOUT_MS: number;
  REQUEST_TIMEOUT_MS: number;
  TLS_CERT?: string | undefined;
  TLS_KEY?: string | undefined;
}

/** Settings that are good, but not together. Where one is lowered alone, the default of the other does not matter. */
export function contradictions(config: Related, env: Record<string, string | undefined>): string[] {
  const faults: string[] = [];
  const ordered = (less: keyof Related, more: keyof Related, why: string): void => {
    if (Number(config[less]) <= Number(config[more])) return;
    faults.push(`${less}=${config[less]} is more than ${more}=${config[more]}: ${why}`);
  };
  ordered('MAX_BODY_BYTES', 'MAX_PENDING_BYTES', 'the largest bodies could never be taken');
  const both = (less: keyof Related, more: keyof Related, why: string): void => {
    if (env[less] && env[more]) ordered(less, more, why);
  };
  both('MAX_ELEMENTS', 'MAX_TOTAL_ELEMENTS', 'the largest tensors could never be computed');
  both('HEADERS_TIMEOUT_MS', 'REQUEST_TIMEOUT_MS', 'a header is part of its request');
  for (const [given, other] of [
    ['TLS_CERT', 'TLS_KEY'],
    ['TLS_KEY', 'TLS_CERT'],
  ] as const) {
    if (config[given] !== undefined && config[other] === undefined) {
      faults.push(`${given} is set without ${other}: TLS needs both`);
    }
  }
  return faults;
}
