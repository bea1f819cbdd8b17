import type { Variable } from '../../engine/index.ts';
import {
  asIndex,
  hostType,
  method,
  nameOfType,
  native,
  type Py,
  PyObject,
  type PyType,
  typeError,
} from '../program/host.ts';
import { cpu } from './dtypes.ts';
import { generators } from './invoke.ts';
import { run } from './run.ts';
import { PyTensor, wrap } from './tensor.ts';

const DEFAULT_SEED = 67280421310721n;

export const generatorType: PyType = hostType('Generator', { module: 'torch', make: () => new Generator() });

/** A stream of random numbers of its own; the default one is the session's. */
class Generator extends PyObject {
  seed = DEFAULT_SEED;
  /** Where it is by now; null where it is at its beginning. */
  state: Uint8Array | null = null;

  get type(): PyType {
    return generatorType;
  }

  override get bytes(): number {
    return 64 + (this.state?.length ?? 0);
  }

  /** Draws from this stream while `body` runs. */
  within<T>(body: () => T): T {
    const { session } = run;
    const before = session.generatorState;
    if (this.state === null) session.manualSeed(this.seed);
    else session.generatorState = this.state;
    try {
      return body();
    } finally {
      this.state = session.generatorState;
      session.generatorState = before;
    }
  }

  restart(seed: bigint): void {
    this.seed = seed;
    this.state = null;
  }
}

/** The stream that is drawn from where none is named. */
class DefaultGenerator extends Generator {
  override within<T>(body: () => T): T {
    return body();
  }

  override restart(seed: bigint): void {
    run.initialSeed = seed;
    run.session.manualSeed(seed);
  }
}

export const defaultGenerator = new DefaultGenerator();

generators.within = (generator, body) => {
  if (generator instanceof Generator) return generator.within(body);
  throw typeError(`argument 'generator' must be torch.Generator, not ${nameOfType(generator)}`);
};

function seedOf(value: Py): bigint {
  const seed = asIndex(value);
  if (seed === undefined) throw typeError(`manual_seed expected a long, but got ${nameOfType(value)}`);
  return seed;
}

/** A state as a tensor of int32: there are no bytes. */
function stateTensor(): Py {
  const { buffer } = run.session.generatorState;
  const words = Array.from(new Int32Array(buffer), BigInt);
  return wrap(run.session.variable(words, [words.length], 'int32'));
}

function stateOf(value: Py): Uint8Array {
  const variable: Variable | null = value instanceof PyTensor ? value.variable : null;
  if (variable === null || variable.dtype !== 'int32')
    throw typeError('expected a state as get_rng_state() gives it, an int32 tensor');
  return new Uint8Array(Int32Array.from(run.session.elements(variable), Number).buffer);
}

generatorType.define(
  'manual_seed',
  method<Generator>('Generator.manual_seed(seed)', (self, seed) => {
    self.restart(seedOf(seed as Py));
    return self;
  }),
);
generatorType.define(
  'initial_seed',
  method<Generator>('Generator.initial_seed()', (self) =>
    self === defaultGenerator ? run.initialSeed : self.seed,
  ),
);
generatorType.define(
  'get_state',
  method<Generator>('Generator.get_state()', (self) => self.within(stateTensor)),
);
generatorType.define(
  'set_state',
  method<Generator>('Generator.set_state(new_state)', (self, state) => {
    self.within(() => {
      run.session.generatorState = stateOf(state as Py);
    });
    return self;
  }),
);
generatorType.define('device', cpu);

/** What `torch` and `torch.random` have for random numbers. */
export const randomEntries: [string, Py][] = [
  ['Generator', generatorType],
  ['default_generator', defaultGenerator],
  [
    'manual_seed',
    native('manual_seed(seed)', (seed) => {
      defaultGenerator.restart(seedOf(seed as Py));
      return defaultGenerator;
    }),
  ],
  [
    'seed',
    native('seed()', () => {
      defaultGenerator.restart(run.initialSeed);
      return run.initialSeed;
    }),
  ],
  ['initial_seed', native('initial_seed()', () => run.initialSeed)],
  ['get_rng_state', native('get_rng_state()', stateTensor)],
  [
    'set_rng_state',
    native('set_rng_state(new_state)', (state) => {
      run.session.generatorState = stateOf(state as Py);
      return null;
    }),
  ],
];
