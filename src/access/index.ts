/** Who may use the service, and how much: keys, scopes, quotas, origins. The room's only door. */
import { type AddressInfo, BlockList } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import type { Scope } from '../keys.ts';
import { scopesOf } from '../routes/scopes.ts';
import { openRedis } from '../store/index.ts';
import { Authenticator } from './authenticate.ts';
import { type Counters, LocalCounters } from './counters.ts';
import { allowOrigins } from './origins.ts';
import { type Account, accountOf, charge, quotas, type Take } from './quotas.ts';
import { entriesOf, followKeys } from './reload.ts';
import { type Client, KeyRing } from './ring.ts';
import { SharedCounters } from './shared.ts';

export type { Client } from './ring.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose key the request carries; null where the service asks for none. */
    client: Client | null;
    /** Whom the request is counted for; null where nothing is counted. */
    account: Account | null;
    /** Charges the client of the request with units of cost: a whole number, known when the request has run. */
    chargeCost(units: number): void;
  }
}

/** Clients that are counted by this process; those seen last are kept. */
const CAPACITY = 10_000;
/** How long a request waits for Redis to count it, in milliseconds. */
const PATIENCE_MS = 250;

async function openCounters(config: Config, logger: FastifyBaseLogger | undefined): Promise<Counters> {
  const local = new LocalCounters(CAPACITY);
  if (config.STORE_URL === undefined) return local;
  return new SharedCounters(await openRedis(config.STORE_URL, PATIENCE_MS), local, logger);
}

/** The keys of the configuration, if it asks for any. */
function openRing(
  app: FastifyInstance,
  { API_KEYS, API_KEYS_FILE }: Config,
  logger?: FastifyBaseLogger,
): KeyRing | null {
  if (API_KEYS === undefined && API_KEYS_FILE === undefined) return null;
  const fixed = API_KEYS ?? [];
  const ring = new KeyRing(entriesOf(fixed, API_KEYS_FILE));
  if (API_KEYS_FILE !== undefined) {
    const end = followKeys(ring, fixed, API_KEYS_FILE, logger);
    app.addHook('onClose', async () => end());
  }
  return ring;
}

/** Headers that keep browsers from making more of an answer than it is; on every answer, so they are few. */
export const setSafeHeaders = (reply: FastifyReply): FastifyReply =>
  reply
    .header('x-content-type-options', 'nosniff')
    .header('x-frame-options', 'DENY')
    .header('referrer-policy', 'no-referrer');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

const isLoopback = ({ address, family }: AddressInfo): boolean =>
  loopback.check(address, family === 'IPv6' ? 'ipv6' : 'ipv4');

/** Says so where others than this machine can use the service without a key. */
function warnIfOpen(app: FastifyInstance, logger: FastifyBaseLogger | undefined): void {
  app.addHook('onListen', (done) => {
    const address = app.server.address();
    if (address !== null && typeof address === 'object' && !isLoopback(address)) {
      logger?.warn(
        { address: address.address },
        'anyone who reaches this address can use the service, since it asks for no keys: set API_KEYS or API_KEYS_FILE (npm run key -- NAME makes one), or listen on 127.0.0.1 only (HOST)',
      );
    }
    done();
  });
}

/** What runs before a route that is not open. */
function guard(
  { config, keys, take }: { config: Config; keys: Authenticator | null; take: Take | null },
  wanted: readonly Scope[],
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (keys !== null) request.client = keys.client(request, reply, wanted);
    if (take === null) return;
    request.account = accountOf(request, reply, config);
    await take(request, reply);
  };
}

/** Counting is done where there are keys, any of which may have a quota, or limits for everyone. */
const counts = ({ RATE_LIMIT, COST_LIMIT }: Config, ring: KeyRing | null): boolean =>
  ring !== null || RATE_LIMIT !== undefined || COST_LIMIT !== undefined;

/** Guards the routes that are declared after this. Without settings for it a request costs nothing more. */
export async function guardAccess(
  app: FastifyInstance,
  config: Config,
  logger?: FastifyBaseLogger,
): Promise<void> {
  if (config.CORS_ORIGINS !== undefined) await allowOrigins(app, config.CORS_ORIGINS);
  const ring = openRing(app, config, logger);
  if (ring === null) warnIfOpen(app, logger);
  const counters = counts(config, ring) ? await openCounters(config, logger) : null;
  app.decorateRequest('client', null);
  app.decorateRequest('account', null);
  app.decorateRequest('chargeCost', function (units: number) {
    if (counters !== null && this.account !== null) charge(this.account, units, counters);
  });
  if (counters === null) return;
  app.addHook('onClose', async () => counters.close());
  const parts = {
    config,
    keys: ring && new Authenticator(ring, config),
    take: await quotas(app, counters),
  };
  app.addHook('onRoute', (route) => {
    const wanted = scopesOf([route.method].flat()[0] as string, route.url);
    // Last: the answer to a method that a route does not have needs no key.
    if (wanted !== null) route.onRequest = [...[route.onRequest ?? []].flat(), guard(parts, wanted)];
  });
}
