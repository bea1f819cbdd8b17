import type { FastifyBaseLogger } from 'fastify';
import type { RedisConnection } from '../store/index.ts';
import type { Count, Counters, LocalCounters } from './counters.ts';

/** How long after a failure the next attempt is made, in milliseconds. */
const PAUSE_MS = 1000;

/** One step, so that a counter never stays without an end. */
const script = `
local current = tonumber(redis.call('GET', KEYS[1]) or '0')
local amount, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if amount > 0 then current = redis.call('INCRBY', KEYS[1], amount) end
local ttl = redis.call('PTTL', KEYS[1])
if ttl < 0 then
  ttl = window
  if amount > 0 then redis.call('PEXPIRE', KEYS[1], window) end
end
return {current, ttl}
`;

/**
 * Counters that all processes with the same Redis share. While it does not answer, this process counts for itself: the
 * service goes on, and each replica allows the whole quota.
 */
export class SharedCounters implements Counters {
  private readonly redis: RedisConnection;
  private readonly local: LocalCounters;
  private readonly logger: FastifyBaseLogger | undefined;
  private away = false;
  private again = 0;

  constructor(redis: RedisConnection, local: LocalCounters, logger: FastifyBaseLogger | undefined) {
    this.redis = redis;
    this.local = local;
    this.logger = logger;
    redis.on('error', (error) => this.failed(error));
  }

  async add(key: string, amount: number, windowMs: number): Promise<Count> {
    if (performance.now() < this.again) return this.local.count(key, amount, windowMs);
    try {
      const answer = await this.redis.eval(script, 1, `gradd:quota:${key}`, amount, windowMs);
      this.answered();
      const [current, ttl] = answer as [number, number];
      return { current, ttl };
    } catch (error) {
      this.failed(error as Error);
      return this.local.count(key, amount, windowMs);
    }
  }

  close(): void {
    this.redis.disconnect();
  }

  /** The code alone: messages of a client may have the command in them. */
  private failed(error: Error & { code?: string }): void {
    this.again = performance.now() + PAUSE_MS;
    if (this.away) return;
    this.away = true;
    const facts = { kind: error.code ?? /\w+/.exec(error.message)?.[0] };
    this.logger?.warn(facts, 'quotas are counted by this process alone: Redis does not answer');
  }

  private answered(): void {
    if (!this.away) return;
    this.away = false;
    this.logger?.info('quotas are counted in Redis again');
  }
}
