import { native } from '../runtime/args.ts';
import { IndexError, raise, typeError, valueError } from '../runtime/exceptions.ts';
import { PyModule } from '../runtime/function.ts';
import { bitLength, machine } from '../runtime/machine.ts';
import type { Py } from '../runtime/object.ts';
import { getItem, itemsOf, lengthOf, setItem } from '../runtime/operations.ts';
import { clamp, intArgument, PyList, reserve } from '../runtime/sequences.ts';
import { floatArgument } from '../types/numbers.ts';

const SIZE = 624;
const SHIFT = 397;

/** The Mersenne Twister, seeded and read as CPython does. */
class Twister {
  private readonly state = new Uint32Array(SIZE);
  private place = SIZE;
  /** The second of two normal numbers that are made together. */
  spare: number | null = null;

  constructor(seed: bigint) {
    this.seed(seed);
  }

  seed(value: bigint): void {
    let rest = value < 0n ? -value : value;
    const key: number[] = [];
    do {
      key.push(Number(rest & 0xffffffffn));
      rest >>= 32n;
    } while (rest > 0n);
    this.spare = null;
    this.start(19650218);
    this.mix(key);
  }

  private start(seed: number): void {
    const { state } = this;
    state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const before = state[i - 1] as number;
      state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
    this.place = SIZE;
  }

  private mix(key: readonly number[]): void {
    const { state } = this;
    let i = 1;
    const step = (factor: number, added: number): void => {
      const before = state[i - 1] as number;
      state[i] = ((state[i] as number) ^ Math.imul(before ^ (before >>> 30), factor)) + added;
      if (++i < SIZE) return;
      state[0] = state[SIZE - 1] as number;
      i = 1;
    };
    for (let k = 0, j = 0; k < Math.max(SIZE, key.length); k++, j = (j + 1) % key.length) {
      step(1664525, (key[j] as number) + j);
    }
    for (let k = 1; k < SIZE; k++) step(1566083941, -i);
    state[0] = 0x80000000;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < SIZE; i++) {
      const y = ((state[i] as number) & 0x80000000) | ((state[(i + 1) % SIZE] as number) & 0x7fffffff);
      state[i] = (state[(i + SHIFT) % SIZE] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.place = 0;
  }

  word(): number {
    if (this.place >= SIZE) this.twist();
    let y = this.state[this.place++] as number;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** 53 bits between 0 and 1. */
  random(): number {
    const high = this.word() >>> 5;
    return (high * 67108864 + (this.word() >>> 6)) / 9007199254740992;
  }

  bits(count: number): bigint {
    machine.spend(count >> 6);
    let value = 0n;
    for (let at = 0; at < count; at += 32) {
      const word = this.word() >>> Math.max(0, 32 - (count - at));
      value |= BigInt(word) << BigInt(at);
    }
    return value;
  }

  /** An int from 0 to below `limit`. */
  below(limit: bigint): bigint {
    const count = bitLength(limit);
    for (;;) {
      const value = this.bits(count);
      if (value < limit) return value;
    }
  }
}

/** The seed of a run that sets none: equal requests give equal answers. */
const FIXED_SEED = 0n;
const twisters = new WeakMap<object, Twister>();

/** The generator of this run. */
function twister(): Twister {
  let own = twisters.get(machine);
  if (own === undefined) {
    own = new Twister(FIXED_SEED);
    twisters.set(machine, own);
  }
  return own;
}

function range(start: Py, stop: Py, step: Py): bigint {
  const [a, b] = stop === null ? [0n, intArgument(start)] : [intArgument(start), intArgument(stop)];
  const by = intArgument(step);
  if (by === 0n) throw valueError('zero step for randrange()');
  const count = by > 0n ? (b - a + by - 1n) / by : (b - a + by + 1n) / by;
  if (count <= 0n) {
    if (stop === null) throw valueError('empty range for randrange()');
    throw valueError(
      by === 1n ? `empty range for randrange() (${a}, ${b}, ${b - a})` : 'empty range for randrange()',
    );
  }
  return a + by * twister().below(count);
}

/** The length of a sequence. */
function sizeOf(sequence: Py): number {
  const length = lengthOf(sequence);
  if (length !== undefined) return length;
  throw typeError('Population must be a sequence.  For dicts or sets, use sorted(d).');
}

function sample(population: Py, k: Py): Py {
  const items = itemsOf(population);
  const n = items.length;
  const count = clamp(intArgument(k));
  if (count < 0 || count > n) throw valueError('Sample larger than population or is negative');
  const own = twister();
  const chosen: Py[] = [];
  // CPython's choice between a pool and a set of what was chosen: it decides which numbers are drawn.
  let setSize = 21;
  if (count > 5) setSize += 4 ** Math.ceil(Math.log(count * 3) / Math.log(4));
  if (n <= setSize) {
    for (let i = 0; i < count; i++) {
      const j = Number(own.below(BigInt(n - i)));
      chosen.push(items[j] as Py);
      items[j] = items[n - i - 1] as Py;
    }
    return new PyList(chosen);
  }
  const known = new Set<number>();
  for (let i = 0; i < count; i++) {
    let j = Number(own.below(BigInt(n)));
    while (known.has(j)) j = Number(own.below(BigInt(n)));
    known.add(j);
    chosen.push(items[j] as Py);
  }
  return new PyList(chosen);
}

function choices(population: Py, weights: Py, k: Py): Py {
  const items = itemsOf(population);
  const count = Math.max(0, clamp(intArgument(k)));
  reserve(count);
  const own = twister();
  const n = items.length;
  if (n === 0) throw raise(IndexError, 'list index out of range');
  if (weights === null) {
    return new PyList(Array.from({ length: count }, () => items[Math.floor(own.random() * n)] as Py));
  }
  const sums: number[] = [];
  let total = 0;
  for (const weight of itemsOf(weights)) {
    total += floatArgument(weight);
    sums.push(total);
  }
  if (sums.length !== n) throw valueError('The number of weights does not match the population');
  if (total <= 0) throw valueError('Total of weights must be greater than zero');
  return new PyList(
    Array.from({ length: count }, () => {
      const wanted = own.random() * total;
      let [low, high] = [0, n - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (wanted < (sums[middle] as number)) high = middle;
        else low = middle + 1;
      }
      return items[low] as Py;
    }),
  );
}

/** Two normal numbers by Box and Muller; the second waits for the next call. */
function gauss(mu: number, sigma: number): number {
  const own = twister();
  let z = own.spare;
  own.spare = null;
  if (z === null) {
    const angle = own.random() * 2 * Math.PI;
    const radius = Math.sqrt(-2 * Math.log(1 - own.random()));
    z = Math.cos(angle) * radius;
    own.spare = Math.sin(angle) * radius;
  }
  return mu + z * sigma;
}

const NORMAL = (4 * Math.exp(-0.5)) / Math.sqrt(2);

/** A normal number by Kinderman and Monahan. */
function normal(mu: number, sigma: number): number {
  const own = twister();
  for (;;) {
    const u = own.random();
    const v = 1 - own.random();
    const z = (NORMAL * (u - 0.5)) / v;
    if ((z * z) / 4 <= -Math.log(v)) return mu + z * sigma;
  }
}

const functions = [
  native('random.seed(a=None, version=2)', (seed) => {
    if (seed !== null && typeof seed !== 'bigint' && typeof seed !== 'boolean') {
      throw typeError('the seed must be an int: others have no hash that is the same everywhere');
    }
    twister().seed(seed === null ? FIXED_SEED : BigInt(seed));
    return null;
  }),
  native('random.random()', () => twister().random()),
  native('random.getrandbits(k, /)', (k) => {
    const count = intArgument(k);
    if (count < 0n) throw valueError('number of bits must be non-negative');
    machine.allocate(Math.min(clamp(count), 2 ** 50) / 8);
    return twister().bits(clamp(count));
  }),
  native('random.randrange(start, stop=None, step=1)', range),
  native('random.randint(a, b)', (a, b) => range(a, intArgument(b) + 1n, 1n)),
  native('random.choice(seq)', (sequence) => {
    const length = sizeOf(sequence);
    if (length === 0) throw raise(IndexError, 'Cannot choose from an empty sequence');
    return getItem(sequence, twister().below(BigInt(length)));
  }),
  native('random.shuffle(x)', (list) => {
    const own = twister();
    for (let i = sizeOf(list) - 1; i > 0; i--) {
      machine.spend(1);
      const j = own.below(BigInt(i + 1));
      const [a, b] = [getItem(list, BigInt(i)), getItem(list, j)];
      setItem(list, BigInt(i), b);
      setItem(list, j, a);
    }
    return null;
  }),
  native('random.sample(population, k)', sample),
  native('random.choices(population, weights=None, *, k=1)', choices),
  native('random.uniform(a, b)', (a, b) => {
    const [low, high] = [floatArgument(a), floatArgument(b)];
    return low + (high - low) * twister().random();
  }),
  native('random.gauss(mu=0.0, sigma=1.0)', (mu, sigma) => gauss(floatArgument(mu), floatArgument(sigma))),
  native('random.normalvariate(mu=0.0, sigma=1.0)', (mu, sigma) =>
    normal(floatArgument(mu), floatArgument(sigma)),
  ),
  native('random.expovariate(lambd)', (rate) => -Math.log(1 - twister().random()) / floatArgument(rate)),
];

export const randomModule = new PyModule(
  'random',
  functions.map((builtin) => [builtin.name, builtin] as const),
);
