import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { GraddError } from '../engine/index.ts';
import { addressOf, setRetryAfter } from './authenticate.ts';
import type { Counters } from './counters.ts';

/** Whom a request is counted for, and what that client may use in a window. */
export interface Account {
  readonly id: string;
  readonly requests: number | undefined;
  readonly cost: number | undefined;
  readonly windowMs: number;
  readonly reply: FastifyReply;
  /** Units of the window that are left, as far as this process knows. */
  left: number;
}

/** The account of a request: the one of its key, else of its address. */
export function accountOf(request: FastifyRequest, reply: FastifyReply, config: Config): Account {
  const { client } = request;
  const quota = client?.quota;
  return {
    id: client === null ? `address:${addressOf(request)}` : `key:${client.name}`,
    requests: quota?.requests ?? config.RATE_LIMIT,
    cost: quota?.cost ?? config.COST_LIMIT,
    windowMs: quota?.window_ms ?? config.RATE_WINDOW_MS,
    reply,
    left: 0,
  };
}

/** Counts a request, and refuses it where the window's requests or units are used up. */
export type Take = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

const accountIn = ({ account }: FastifyRequest): Account => account as Account;

/** The limit of requests: `@fastify/rate-limit` on our counters. */
async function requestLimit(app: FastifyInstance, counters: Counters): Promise<Take> {
  class Store {
    incr(
      id: string,
      done: (error: Error | null, result?: { current: number; ttl: number }) => void,
      windowMs: number,
    ): void {
      counters.add(`requests:${id}`, 1, windowMs).then((count) => done(null, count), done);
    }
    child(): Store {
      return this;
    }
  }
  await app.register(rateLimit, {
    global: false,
    enableDraftSpec: true,
    store: Store,
    keyGenerator: (request) => accountIn(request).id,
    max: (request) => accountIn(request).requests as number,
    timeWindow: (request) => accountIn(request).windowMs,
    errorResponseBuilder: (request, { max }) =>
      new GraddError(
        'rate-limited',
        `More than ${max} requests in ${accountIn(request).windowMs} ms; the limit is per client`,
      ),
  });
  const limit = app.rateLimit();
  return async (request, reply) => {
    await limit.call(app, request, reply);
  };
}

const costKey = ({ id }: Account): string => `cost:${id}`;

/** Refuses a request where the units of the window are used up; one that runs may use more than is left. */
async function checkCost(account: Account, limit: number, counters: Counters): Promise<void> {
  const { reply, windowMs } = account;
  const { current, ttl } = await counters.add(costKey(account), 0, windowMs);
  account.left = limit - current;
  reply.header('ratelimit-cost-limit', limit);
  reply.header('ratelimit-cost-remaining', Math.max(0, account.left));
  reply.header('ratelimit-cost-reset', Math.ceil(ttl / 1000));
  if (current < limit) return;
  setRetryAfter(reply, ttl);
  throw new GraddError('rate-limited', `The ${limit} units of cost in ${windowMs} ms are used up`);
}

/** Counting of requests and cost for those who have a limit. */
export async function quotas(app: FastifyInstance, counters: Counters): Promise<Take> {
  const limitRequests = await requestLimit(app, counters);
  return async (request, reply) => {
    const account = accountIn(request);
    if (account.requests !== undefined) await limitRequests(request, reply);
    if (account.cost !== undefined) await checkCost(account, account.cost, counters);
  };
}

/** Charges what a request has cost, and says in its answer, if that is not on its way yet, what is left. */
export function charge(account: Account, units: number, counters: Counters): void {
  const amount = Math.min(Math.max(0, Math.ceil(units) || 0), Number.MAX_SAFE_INTEGER);
  if (account.cost === undefined || amount === 0) return;
  account.left -= amount;
  if (!account.reply.sent) account.reply.header('ratelimit-cost-remaining', Math.max(0, account.left));
  void counters.add(costKey(account), amount, account.windowMs);
}
