import { expect, test } from 'vitest';
import { GraddError } from '../../../src/engine/index.ts';
import {
  Builtin,
  call,
  HostProperty,
  hostType,
  method,
  native,
  type Py,
  PyInstance,
  PyList,
  PyModule,
  PyObject,
  PyType,
} from '../../../src/language/program/host.ts';
import { machine } from '../../../src/language/program/runtime/machine.ts';
import { finished } from './support.ts';

const boxType = hostType('Box', { make: (_type, [value]) => new Box(value as bigint) });

/** A value of a host: an int that knows operators. */
class Box extends PyObject {
  value: bigint;

  constructor(value: bigint) {
    super();
    this.value = value;
  }

  get type(): PyType {
    return boxType;
  }

  override binary(op: string, other: Py, reflected: boolean): Py | undefined {
    const theirs = other instanceof Box ? other.value : other;
    if (typeof theirs !== 'bigint') return undefined;
    const [a, b] = reflected ? [theirs, this.value] : [this.value, theirs];
    if (op === '/') throw new GraddError('shape-mismatch', 'boxes do not divide');
    return op === '+' ? new Box(a + b) : op === '-' ? new Box(a - b) : undefined;
  }

  override inPlace(op: string, other: Py): Py | undefined {
    if (op !== '+' || typeof other !== 'bigint') return undefined;
    this.value += other;
    return this;
  }

  override compare(op: string, other: Py): Py | undefined {
    return op === '<' && other instanceof Box ? new Box(this.value < other.value ? 1n : 0n) : undefined;
  }

  override truth(): boolean {
    return this.value !== 0n;
  }

  override repr(): string {
    return `box(${this.value})`;
  }

  override format(spec: string): string {
    return `${this.repr()}:${spec}`;
  }
}
boxType.define('size', new HostProperty((self) => (self as Box).value));
boxType.define(
  'grown',
  method<Box>('Box.grown(by=1)', (self, by) => new Box(self.value + (by as bigint))),
);

const layerType = new PyType(
  'Layer',
  [hostType('HostBase', { base: true, allocate: (type) => new Layer(type) })],
  {
    base: true,
  },
);

/** A class that programs derive from; it sees what is assigned. */
class Layer extends PyInstance {
  readonly boxes: string[] = [];

  override setAttribute(name: string, value: Py): boolean {
    if (value instanceof Box) this.boxes.push(name);
    return super.setAttribute(name, value);
  }
}
layerType.define(
  'names',
  method<Layer>('Layer.names()', (self) => new PyList([...self.boxes])),
);
layerType.define(
  '__call__',
  new Builtin('__call__', ([self, ...args]) => {
    const forward = (self as Layer).type.lookup('forward') as Py;
    return call(forward, [self as Py, ...args], null);
  }),
);

const roots = native('roots()', () => {
  const found: string[] = [];
  machine.walk((value) => {
    if (value instanceof Box) found.push(value.repr());
  });
  return found.sort().join(' ');
});

const modules = new Map([
  [
    'host',
    new PyModule('host', [
      ['Box', boxType],
      ['Layer', layerType],
      ['roots', roots],
    ]),
  ],
  ['host.sub', new PyModule('host.sub', [['x', 1n]])],
]);

const run = (source: string) => finished(`from host import *\n${source}`, {}, { modules });

test('operators, comparison, truth, text and format of a host type', () => {
  const source = `
a, b = Box(2), Box(3)
print(a + b, a + 1, 10 - a, a < b, bool(Box(0)), f"{a:x}", [a], str(a), a.size, a.grown(), a.grown(by=5))
c = a
c += 5
print(a, c is a, 1 if a < b else 0, isinstance(a, Box), Box, hasattr(a, "value"))
`;
  expect(run(source).stdout).toBe(
    "box(5) box(3) box(8) box(1) False box(2):x [box(2)] box(2) 2 box(3) box(7)\nbox(7) True 0 True <class 'Box'> False\n",
  );
});

test('classes of a program derive from a host class', () => {
  const source = `
class Net(Layer):
    def __init__(self):
        super().__init__()
        self.a = Box(1)
        self.n = 3
        self.b = Box(2)
    def forward(self, x):
        return x + self.a + self.b
n = Net()
print(n.names(), n(Box(10)), n.n)
`;
  expect(run(source)).toMatchObject({ stdout: "['a', 'b'] box(13) 3\n", error: null });
});

test('an error of the engine is a RuntimeError to the program, and itself at the end', () => {
  const source = `
def f():
    return Box(1) / 2
try:
    f()
except RuntimeError as e:
    print("caught", e)
f()
`;
  const { stdout, error } = run(source);
  expect(stdout).toBe('caught boxes do not divide\n');
  expect(error).toMatchObject({ code: 'shape-mismatch', message: 'boxes do not divide' });
  expect(error?.faults[0]).toMatchObject({ path: ['program'], line: 4, column: 19 });
});

test('operands, arguments, items and iterators stay in use while others are computed', () => {
  const source = `
def show(x=None):
    print(roots())
    return Box(0)
Box(1) + show()
[Box(2), show()]
(lambda *a: a)(Box(3), show())
{"k": Box(4), "s": show()}
for x in [Box(5)]:
    show()
x = None
[show() for y in [Box(6)]]
Box(7).grown(show().size)
sum([Box(8), show()], Box(9))
sorted([Box(1)], key=lambda b: (show(), 1)[1])
def g():
    z = Box(10)
    yield 1
i = g()
next(i)
show()
i = None
def h(a):
    def inner(): return a
    return inner
f = h(Box(11))
show()
f = None
show()
`;
  const { stdout, error } = run(source);
  expect(error).toBeNull();
  expect(stdout.split('\n')).toEqual([
    'box(1)',
    'box(2)',
    'box(3)',
    'box(4)',
    'box(5)',
    'box(6)',
    'box(7)',
    'box(8)',
    'box(1)',
    'box(10)',
    'box(11)',
    '',
    '',
  ]);
});

test('modules of the host are found by dotted names', () => {
  expect(run('import host.sub\nfrom host.sub import x\nprint(x)').stdout).toBe('1\n');
});
