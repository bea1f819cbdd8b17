import { method, native } from '../runtime/args.ts';
import { PyException, Raised, SystemExit, valueError } from '../runtime/exceptions.ts';
import { PyModule } from '../runtime/function.ts';
import { type Machine, machine } from '../runtime/machine.ts';
import { hostType, type Py, PyObject, type PyType } from '../runtime/object.ts';
import { str } from '../runtime/operations.ts';
import { PyList, PyTuple } from '../runtime/sequences.ts';
import { floatArgument } from '../types/numbers.ts';

const streamType = hostType('TextIOWrapper', { module: '_io' });

/** `sys.stdout`, and `sys.stderr`, which nobody reads. */
export class Stream extends PyObject {
  private readonly shown: boolean;

  constructor(shown: boolean) {
    super();
    this.shown = shown;
  }

  get type(): PyType {
    return streamType;
  }

  write(text: string): void {
    if (this.shown) machine.print(text);
  }

  override repr(): string {
    return `<_io.TextIOWrapper name='<${this.shown ? 'stdout' : 'stderr'}>'>`;
  }
}

streamType.define(
  'write',
  method<Stream>('write(text, /)', (self, text) => {
    self.write(str(text));
    return BigInt(str(text).length);
  }),
);
streamType.define(
  'flush',
  method<Stream>('flush()', () => null),
);

const exit = native('sys.exit(status=None, /)', (status) => {
  const exception = new PyException(SystemExit);
  exception.args = status === null ? [] : [status];
  throw new Raised(exception);
});

export const sysModule = new PyModule('sys', [
  ['argv', new PyList(['program'])],
  ['exit', exit],
  ['maxsize', 2n ** 63n - 1n],
  ['version', '3.11'],
  ['version_info', new PyTuple([3n, 11n, 0n])],
  ['platform', 'linux'],
  ['byteorder', 'little'],
  ['stdout', new Stream(true)],
  ['stderr', new Stream(false)],
  ['getrecursionlimit', native('sys.getrecursionlimit()', () => BigInt(machine.limits.maxRecursion))],
  ['setrecursionlimit', native('sys.setrecursionlimit(limit, /)', () => null)],
]);

/** Seconds that a run has slept. */
const slept = new WeakMap<Machine, number>();

/** A clock that equal runs read equally: a microsecond each step, and what the program sleeps. */
const now = (): number => (machine.taken + Math.round((slept.get(machine) ?? 0) * 1e6)) / 1e6;

const clock = (name: string): readonly [string, Py] => [name, native(`time.${name}()`, now)];
const nanoseconds = (name: string): readonly [string, Py] => [
  name,
  native(`time.${name}()`, () => BigInt(Math.round(now() * 1e6)) * 1000n),
];

export const timeModule = new PyModule('time', [
  clock('time'),
  clock('perf_counter'),
  clock('monotonic'),
  clock('process_time'),
  nanoseconds('time_ns'),
  nanoseconds('perf_counter_ns'),
  [
    'sleep',
    native('time.sleep(seconds, /)', (given) => {
      const seconds = floatArgument(given);
      if (!(seconds >= 0)) throw valueError('sleep length must be non-negative');
      slept.set(machine, Math.min((slept.get(machine) ?? 0) + seconds, 1e9));
      return null;
    }),
  ],
]);
