import { GraddError, LruCache } from '../engine/index.ts';
import { LocalCounters } from './counters.ts';

/** Addresses of which failures, and of which clients, are remembered. */
const CAPACITY = 10_000;

/**
 * Bounds the wrong keys that an address may try in a window. After that its requests are turned away whatever key they
 * carry, so that they learn nothing; only a client that was let in from there before still is, since many clients may
 * share the address of a proxy.
 */
export class Guesses {
  private readonly failures = new LocalCounters(CAPACITY);
  private readonly welcome = new LruCache<string, true>(CAPACITY);
  private readonly limit: number;
  private readonly windowMs: number;

  constructor(limit: number, windowMs: number) {
    this.limit = limit;
    this.windowMs = windowMs;
  }

  /**
   * Takes note of an attempt; `name` is that of the client whose key it was, null for a wrong key.
   *
   * @returns milliseconds for which the address must wait; 0 where the attempt counts
   */
  note(address: string, name: string | null): number {
    const pair = `${address} ${name}`;
    if (name !== null && this.welcome.get(pair)) return 0;
    const { current, ttl } = this.failures.count(address, 0, this.windowMs);
    if (current >= this.limit) return ttl;
    if (name === null) this.failures.count(address, 1, this.windowMs);
    else this.welcome.set(pair, true, 1);
    return 0;
  }
}

export const tooManyGuesses = (): GraddError =>
  new GraddError('rate-limited', 'Too many wrong keys came from this address');
