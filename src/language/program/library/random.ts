import { native } from '../runtime/args.ts';
import { IndexError, raise, typeError, valueError } from '../runtime/exceptions.ts';
import { PyModule } from '../runtime/function.ts';
import { bitLength, machine } from '../runtime/machine.ts';
import type { Py } from '../runtime/object.ts';
import { getItem, itemsOf, lengthOf, setItem } from '../runtime/operations.ts';
import { clamp, intArgument, PyList, reserve } from '../runtime/sequences.ts';
import { floatArgument } from '../types/numbers.ts';
import { MersenneTwister } from './mersenne.ts';

/** The Mersenne Twister, seeded and read as CPython does. */
class Twister extends MersenneTwister {
  /** The second of two normal numbers that are made together. */
  spare: number | null = null;

  constructor(seed: bigint) {
    super();
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
    this.startFrom(key);
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
    return new PyList(Array.from({ length: count }, () => items[Math.floor(own.double() * n)] as Py));
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
      const wanted = own.double() * total;
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
    const angle = own.double() * 2 * Math.PI;
    const radius = Math.sqrt(-2 * Math.log(1 - own.double()));
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
    const u = own.double();
    const v = 1 - own.double();
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
  native('random.random()', () => twister().double()),
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
    return low + (high - low) * twister().double();
  }),
  native('random.gauss(mu=0.0, sigma=1.0)', (mu, sigma) => gauss(floatArgument(mu), floatArgument(sigma))),
  native('random.normalvariate(mu=0.0, sigma=1.0)', (mu, sigma) =>
    normal(floatArgument(mu), floatArgument(sigma)),
  ),
  native('random.expovariate(lambd)', (rate) => -Math.log(1 - twister().double()) / floatArgument(rate)),
];

export const randomModule = new PyModule(
  'random',
  functions.map((builtin) => [builtin.name, builtin] as const),
);
