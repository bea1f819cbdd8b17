import { createHash, timingSafeEqual } from 'node:crypto';
import type { ClientLimits, KeyEntry, Scope } from '../keys.ts';

/** Who a request comes from, by its key. */
export interface Client {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** What this client has instead of the server's limits. */
  readonly limits: Readonly<ClientLimits>;
  readonly quota: KeyEntry['quota'];
}

interface Held {
  hash: Buffer;
  client: Client;
}

const heldOf = ({ name, sha256, scopes, limits, quota }: KeyEntry): Held => ({
  hash: Buffer.from(sha256, 'hex'),
  client: { name, scopes: new Set(scopes), limits, quota },
});

/** The keys that are accepted, as hashes. */
export class KeyRing {
  private held: readonly Held[] = [];

  constructor(entries: readonly KeyEntry[]) {
    this.replace(entries);
  }

  replace(entries: readonly KeyEntry[]): void {
    this.held = entries.map(heldOf);
  }

  /** Whose key this is. It is compared with every entry, so that the time does not tell with which it agrees. */
  find(key: string): Client | null {
    const hash = createHash('sha256').update(key).digest();
    let found: Client | null = null;
    for (const each of this.held) if (timingSafeEqual(each.hash, hash)) found = each.client;
    return found;
  }
}
