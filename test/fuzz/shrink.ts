import type { Sent } from './requests.ts';
import { put } from './values.ts';

/** Requests that are tried at most for one finding. */
const TRIES = 400;
/** Milliseconds that they may take. */
const PATIENCE = 20_000;

type Fails = (sent: Sent) => Promise<boolean>;

/** A smaller request that still fails, by leaving out headers and parts of the body as long as that works. */
export async function shrunk(sent: Sent, fails: Fails): Promise<Sent> {
  let best = sent;
  let tries = 0;
  const end = performance.now() + PATIENCE;
  const over = (): boolean => tries >= TRIES || performance.now() > end;
  const attempt = async (next: Sent): Promise<boolean> => {
    if (over()) return false;
    tries++;
    if (!(await fails(next))) return false;
    best = next;
    return true;
  };
  for (const name of Object.keys(sent.headers)) {
    const { [name]: _, ...headers } = best.headers;
    await attempt({ ...best, headers });
  }
  for (let again = true; again && !over(); ) {
    again = false;
    for (const body of smaller(best.body)) {
      if (over()) break;
      if (await attempt({ ...best, body })) {
        again = true;
        break;
      }
    }
  }
  return best;
}

function* smaller(body: Buffer | null): Generator<Buffer> {
  if (body === null) return;
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return yield* smallerBytes(body);
  }
  for (const each of smallerJson(json)) yield Buffer.from(JSON.stringify(each));
}

function* smallerBytes(bytes: Buffer): Generator<Buffer> {
  for (let size = bytes.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at + size <= bytes.length; at += size)
      yield Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
  }
}

/** Deeper than this nothing is made smaller. */
const DEEP = 30;

function* smallerJson(value: unknown, depth = 0): Generator<unknown> {
  if (depth > DEEP) return;
  if (typeof value === 'string') {
    if (value.length > 1) yield value.slice(0, value.length >> 1);
    if (value.length > 1) yield value.slice(value.length >> 1);
    if (value.length > 1 && value.length < 40)
      for (let i = 0; i < value.length; i++) yield value.slice(0, i) + value.slice(i + 1);
  } else if (Array.isArray(value)) {
    if (value.length > 3) yield value.slice(0, value.length >> 1);
    for (let i = 0; i < Math.min(value.length, 50); i++) {
      yield value.toSpliced(i, 1);
      for (const each of smallerJson(value[i], depth + 1)) yield value.with(i, each);
    }
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    for (const [key] of entries) yield record(entries.filter(([other]) => other !== key));
    for (const [key, inner] of entries)
      for (const each of smallerJson(inner, depth + 1))
        yield record(entries.map(([other, kept]) => [other, other === key ? each : kept]));
  } else if (typeof value === 'number' && value !== 0 && value !== 1) {
    yield 0;
    yield 1;
  }
}

function record(entries: [string, unknown][]): object {
  const made = {};
  for (const [key, value] of entries) put(made, key, value);
  return made;
}
