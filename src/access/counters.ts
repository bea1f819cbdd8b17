import { LruCache } from '../engine/index.ts';

/** What was counted in the running window, and the milliseconds until it ends. */
export interface Count {
  current: number;
  ttl: number;
}

/** Sums over windows of time: a window begins with the first amount and ends `windowMs` later. */
export interface Counters {
  /** Adds an amount; 0 looks without beginning a window. */
  add(key: string, amount: number, windowMs: number): Promise<Count>;
  close(): void;
}

interface Window {
  current: number;
  end: number;
}

/** Counters of this process; those used last are kept. */
export class LocalCounters implements Counters {
  private readonly windows: LruCache<string, Window>;

  constructor(capacity: number) {
    this.windows = new LruCache(capacity);
  }

  /** @param now milliseconds on any clock that does not go back */
  count(key: string, amount: number, windowMs: number, now = performance.now()): Count {
    let window = this.windows.get(key);
    if (window === undefined || window.end <= now) {
      window = { current: 0, end: now + windowMs };
      if (amount > 0) this.windows.set(key, window, 1);
    }
    window.current += amount;
    return { current: window.current, ttl: window.end - now };
  }

  async add(key: string, amount: number, windowMs: number): Promise<Count> {
    return this.count(key, amount, windowMs);
  }

  close(): void {}
}
