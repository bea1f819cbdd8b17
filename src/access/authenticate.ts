import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { GraddError } from '../engine/index.ts';
import type { Scope } from '../keys.ts';
import { presentedKey } from './credentials.ts';
import { Guesses, tooManyGuesses } from './guesses.ts';
import type { Client, KeyRing } from './ring.ts';

/** The bits of an IPv6 address that one client cannot choose: who has one address has a network of them. */
const IPV6_NETWORK = 64;

/** What a request without a key is counted under: its address, an IPv6 one as its network. */
export const addressOf = ({ ip }: FastifyRequest): string => normalizeIP(ip.slice(0, 64), IPV6_NETWORK);

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** Says when it is worth trying again. */
export const setRetryAfter = (reply: FastifyReply, ms: number): void =>
  void reply.header('retry-after', seconds(ms));

const challenge = (parameters = ''): string =>
  `Bearer realm="gradd"${parameters}, Basic realm="gradd", charset="UTF-8"`;

const isIn = (client: Client, wanted: readonly Scope[]): boolean =>
  wanted.some((scope) => client.scopes.has(scope));

/** Finds out whose key a request carries. */
export class Authenticator {
  private readonly ring: KeyRing;
  private readonly guesses: Guesses;

  constructor(ring: KeyRing, { MAX_AUTH_FAILURES, RATE_WINDOW_MS }: Config) {
    this.ring = ring;
    this.guesses = new Guesses(MAX_AUTH_FAILURES, RATE_WINDOW_MS);
  }

  /**
   * The client of a request, which has one of the scopes.
   *
   * @throws GraddError `unauthorized`, `forbidden`, `rate-limited` after too many wrong keys
   */
  client(request: FastifyRequest, reply: FastifyReply, wanted: readonly Scope[]): Client {
    const client = this.identified(request, reply);
    if (isIn(client, wanted)) return client;
    const scope = wanted.join(' ');
    reply.header('www-authenticate', challenge(`, error="insufficient_scope", scope="${scope}"`));
    const named = wanted.map((each) => `"${each}"`).join(' or ');
    throw new GraddError('forbidden', `The key of "${client.name}" does not have the scope ${named}`);
  }

  private identified(request: FastifyRequest, reply: FastifyReply): Client {
    const key = this.key(request, reply);
    const client = this.ring.find(key);
    const wait = this.guesses.note(addressOf(request), client?.name ?? null);
    if (wait > 0) {
      setRetryAfter(reply, wait);
      throw tooManyGuesses();
    }
    if (client !== null) return client;
    reply.header('www-authenticate', challenge(', error="invalid_token"'));
    throw new GraddError('unauthorized', 'The key is not one that the service knows');
  }

  private key(request: FastifyRequest, reply: FastifyReply): string {
    try {
      return presentedKey(request.raw);
    } catch (error) {
      reply.header('www-authenticate', challenge());
      throw error;
    }
  }
}
