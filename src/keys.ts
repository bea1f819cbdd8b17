/** API keys as the operator writes them down: in `API_KEYS` and in the file `API_KEYS_FILE`. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What a key may be allowed to do. */
export const scopes = ['evaluate', 'graphs', 'metrics'] as const;
export type Scope = (typeof scopes)[number];

/** The scopes of a key that names none. */
const usualScopes: Scope[] = ['evaluate', 'graphs'];

/** The settings that a key may have values of its own for. */
export const limitNames = [
  'MAX_NODES',
  'MAX_ELEMENTS',
  'MAX_TOTAL_ELEMENTS',
  'MAX_DEPTH',
  'MAX_EXPRESSION_LENGTH',
  'MAX_FLOPS',
  'MAX_MEMORY_BYTES',
  'MAX_RESPONSE_BYTES',
  'MAX_STEPS',
  'TIMEOUT_MS',
] as const;
export type ClientLimits = { [name in (typeof limitNames)[number]]?: number | undefined };

const positive = z.number().int().positive();

const quota = z.strictObject({
  requests: positive.optional(),
  cost: positive.optional(),
  window_ms: positive.optional(),
});

const entry = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'a name must be 1 to 64 letters, digits, dots, dashes or underscores'),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key: 64 hexadecimal digits')
    .toLowerCase(),
  scopes: z
    .array(z.enum(scopes, `must be one of ${scopes.join(', ')}`))
    .min(1)
    .default(usualScopes),
  quota: quota.default({}),
  limits: z
    .strictObject(Object.fromEntries(limitNames.map((name) => [name, positive.optional()])))
    .default({}),
});

const keysFile = z.strictObject({ keys: z.array(entry) });

/** One key: whose it is, its hash, what it may do and how much. */
export type KeyEntry = Omit<z.infer<typeof entry>, 'limits'> & { limits: ClientLimits };

/** Entries, or what is wrong with them: one line per bad entry, no line with a key or a hash. */
export type Parsed = { entries: KeyEntry[]; faults?: undefined } | { entries?: undefined; faults: string[] };

/** Zod's own messages quote names of unknown fields, but no values. */
function faultsOf({ issues }: z.ZodError, placeOf: (path: PropertyKey[]) => string): string[] {
  return issues.map(({ path, message }) => `${placeOf(path)}: ${message}`);
}

/** Names and keys must be unique: a quota belongs to a name, and a key to one client. */
export function repeated(entries: readonly KeyEntry[]): string[] {
  const first = { name: new Map<string, number>(), sha256: new Map<string, number>() };
  return entries.flatMap(({ name, sha256 }, i) => {
    const faults: string[] = [];
    for (const [field, value] of Object.entries({ name, sha256 }) as ['name' | 'sha256', string][]) {
      const known = first[field].get(value);
      if (known === undefined) first[field].set(value, i);
      else faults.push(`entry ${i + 1} has the ${field === 'name' ? 'name' : 'key'} of entry ${known + 1}`);
    }
    return faults;
  });
}

const checked = (entries: KeyEntry[]): Parsed => {
  const faults = repeated(entries);
  return faults.length > 0 ? { faults } : { entries };
};

/** The entries of `name:sha256[:scope+scope]`, separated by commas. */
export function parseKeys(text: string): Parsed {
  const faults: string[] = [];
  const entries: KeyEntry[] = [];
  for (const [i, item] of text.split(',').entries()) {
    const [name, sha256, listed, ...rest] = item.trim().split(':');
    const result = entry.safeParse({
      name,
      sha256,
      ...(listed !== undefined && { scopes: listed.split('+') }),
    });
    if (rest.length > 0 || sha256 === undefined)
      faults.push(`entry ${i + 1}: must be name:sha256 or name:sha256:scope+scope`);
    else if (result.success) entries.push(result.data);
    else faults.push(...faultsOf(result.error, ([field]) => `entry ${i + 1}, ${String(field)}`));
  }
  return faults.length > 0 ? { faults } : checked(entries);
}

/** The entries of a file: `{"keys": [{"name", "sha256", "scopes", "quota", "limits"}]}`. */
export function readKeysFile(path: string): Parsed {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { faults: [`cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`] };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    return { faults: ['is not JSON'] };
  }
  const result = keysFile.safeParse(json);
  if (result.success) return checked(result.data.keys);
  return {
    faults: faultsOf(result.error, ([keys, i, ...field]) =>
      typeof i === 'number'
        ? `entry ${i + 1}${field.map((key) => `, ${String(key)}`).join('')}`
        : String(keys ?? 'the file'),
    ),
  };
}
