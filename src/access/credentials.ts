import type { IncomingMessage } from 'node:http';
import { GraddError } from '../engine/index.ts';

/** Longer ones are no keys; hashing them would only take time. */
const MAX_KEY = 512;

const BEARER = /^Bearer +([\x21-\x7e]+)$/i;
const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;

const unreadable = (detail: string): GraddError =>
  new GraddError('unauthorized', detail, {
    hint: 'Send "Authorization: Bearer <key>", or Basic with the key as the password',
  });

/** Node keeps the first of several; another server on the way may have looked at the last. */
function isRepeated({ rawHeaders }: IncomingMessage): boolean {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.toLowerCase() === 'authorization') count++;
  return count > 1;
}

/**
 * The key that a request presents: a bearer token, or the password of Basic with any user name.
 *
 * @throws GraddError `unauthorized` where there is none, or one that cannot be read
 */
export function presentedKey(request: IncomingMessage): string {
  const { authorization } = request.headers;
  if (authorization === undefined) throw unreadable('The request carries no credentials');
  if (isRepeated(request)) throw unreadable('The request has more than one Authorization header');
  const bearer = BEARER.exec(authorization)?.[1];
  const key = bearer ?? passwordOf(BASIC.exec(authorization)?.[1]);
  if (!key || key.length > MAX_KEY) throw unreadable('The Authorization header cannot be read');
  return key;
}

function passwordOf(base64 = ''): string | undefined {
  const pair = Buffer.from(base64, 'base64').toString();
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : pair.slice(colon + 1);
}
