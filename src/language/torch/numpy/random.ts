import type { DType, Scalar } from '../../../engine/index.ts';
import {
  clamp,
  floatArgument,
  hostType,
  intArgument,
  machine,
  native,
  type Py,
  PyObject,
  type PyType,
  reserve,
  typeError,
  valueError,
} from '../../program/host.ts';
import { MersenneTwister } from '../../program/library/mersenne.ts';
import { run } from '../run.ts';
import { wrap } from '../tensor.ts';

const generatorType = hostType('MT19937', { module: 'numpy.random' });

/** The Mersenne Twister as `np.random.seed` and `np.random.RandomState` start and read it. */
class Twister extends PyObject {
  private readonly numbers = new MersenneTwister();
  /** The second of two normal numbers that are made together. */
  private spare: number | null = null;

  constructor(seed: bigint) {
    super();
    this.seed(seed);
  }

  get type(): PyType {
    return generatorType;
  }

  override get bytes(): number {
    return MersenneTwister.bytes + 128;
  }

  seed(seed: bigint): void {
    if (seed < 0n || seed >= 2n ** 32n) throw valueError('Seed must be between 0 and 2**32 - 1');
    machine.spend(MersenneTwister.bytes >> 2);
    this.numbers.start(Number(seed));
    this.spare = null;
  }

  word(): number {
    return this.numbers.word();
  }

  double(): number {
    return this.numbers.double();
  }

  /** A normal number by Marsaglia's polar method. */
  gauss(): number {
    const { spare } = this;
    this.spare = null;
    if (spare !== null) return spare;
    for (;;) {
      const x = 2 * this.double() - 1;
      const y = 2 * this.double() - 1;
      const r = x * x + y * y;
      if (r >= 1 || r === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(r)) / r);
      this.spare = factor * x;
      return factor * y;
    }
  }

  /** An int from 0 to `most`: bits of one word, or of two, until they are not too large. */
  upTo(most: bigint): bigint {
    if (most === 0n) return 0n;
    const bits = most.toString(2).length;
    if (bits <= 32) {
      const mask = bits === 32 ? 0xffffffff : 2 ** bits - 1;
      const limit = Number(most);
      for (;;) {
        const value = (this.word() & mask) >>> 0;
        if (value <= limit) return BigInt(value);
      }
    }
    for (;;) {
      const high = BigInt(this.word()) << 32n;
      const value = BigInt.asUintN(bits, high | BigInt(this.word()));
      if (value <= most) return value;
    }
  }
}

/** The seed of a run that sets none: equal requests give equal answers. */
const FIXED_SEED = 0n;

/** `count` numbers as a tensor of one dimension. */
function drawn(count: Py, dtype: DType, draw: (i: number) => Scalar): Py {
  const size = clamp(intArgument(count));
  if (size < 0) throw valueError('negative dimensions are not allowed');
  reserve(size);
  machine.spend(size);
  const values: Scalar[] = new Array(size);
  for (let i = 0; i < size; i++) values[i] = draw(i);
  return wrap(run.session.variable(values, [size], dtype));
}

function twisterOf(value: Py): Twister {
  if (value instanceof Twister) return value;
  throw typeError('a generator is expected');
}

/** Members of `numpy.random`, for its own text. */
export const numpyRandomEntries = new Map<string, Py>([
  [
    '_generator',
    native('_generator(seed=None)', (seed) => new Twister(seed === null ? FIXED_SEED : intArgument(seed))),
  ],
  [
    '_seed',
    native('_seed(generator, seed=None)', (generator, seed) => {
      twisterOf(generator).seed(seed === null ? FIXED_SEED : intArgument(seed));
      return null;
    }),
  ],
  [
    '_doubles',
    native('_doubles(generator, count)', (generator, count) =>
      drawn(count, 'float64', () => twisterOf(generator).double()),
    ),
  ],
  [
    '_normals',
    native('_normals(generator, count)', (generator, count) =>
      drawn(count, 'float64', () => twisterOf(generator).gauss()),
    ),
  ],
  [
    '_exponentials',
    native('_exponentials(generator, count, scale)', (generator, count, scale) => {
      const by = floatArgument(scale);
      return drawn(count, 'float64', () => -Math.log(1 - twisterOf(generator).double()) * by);
    }),
  ],
  [
    '_integers',
    native('_integers(generator, low, high, count)', (generator, low, high, count) => {
      const [from, to] = [intArgument(low), intArgument(high)];
      if (from >= to) throw valueError('low >= high');
      if (BigInt.asIntN(64, from) !== from) throw valueError('low is out of bounds for int64');
      if (BigInt.asIntN(64, to - 1n) !== to - 1n) throw valueError('high is out of bounds for int64');
      return drawn(count, 'int64', () => from + twisterOf(generator).upTo(to - from - 1n));
    }),
  ],
  [
    '_shuffled',
    native('_shuffled(generator, count)', (generator, count) => {
      const size = clamp(intArgument(count));
      reserve(Math.max(0, size));
      machine.spend(Math.max(0, size));
      const places = Array.from({ length: Math.max(0, size) }, (_, i) => BigInt(i));
      for (let i = size - 1; i > 0; i--) {
        const j = Number(twisterOf(generator).upTo(BigInt(i)));
        [places[i], places[j]] = [places[j] as bigint, places[i] as bigint];
      }
      return wrap(run.session.variable(places, [places.length], 'int64'));
    }),
  ],
]);
