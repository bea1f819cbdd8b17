import { describe, expect, test } from 'vitest';
import { GraddError } from '../../../src/engine/index.ts';
import { compileProgram } from '../../../src/language/program/index.ts';
import { finished, programLimits, runLimits } from './support.ts';

/** Programs that want more than there is, what they want, and the line that the error names. */
const greedy: [string, RegExp, number][] = [
  ['x = 10 ** 10 ** 10', /bits/, 1],
  ['x = 1\nx << 10 ** 9', /bits/, 2],
  ['x = 3\nwhile True:\n    x = x * x', /bits/, 3],
  ['"a" * 10 ** 9', /memory/, 1],
  ['[0] * 10 ** 12', /memory/, 1],
  ['x = "ab"\nwhile True:\n    x = x + x', /memory/, 3],
  ['x = [1]\nwhile True:\n    x += x', /memory/, 3],
  ['f"{1:1000000000}"', /memory/, 1],
  ['"%1000000000d" % 1', /memory/, 1],
  ['f"{1:.1000000000f}"', /memory/, 1],
  ['list(range(10 ** 12))', /memory/, 1],
  ['x = []\nfor i in range(10 ** 12):\n    x.append(i)', /memory/, 3],
  ['d = {}\ni = 0\nwhile True:\n    i += 1\n    d[i] = i', /memory/, 5],
  ['class A: pass\na = A()\nfor i in range(10 ** 9): setattr(a, "x" + str(i), i)', /memory/, 3],
  ['"1".zfill(10 ** 9)', /memory/, 1],
  ['",".join(["x" * 1000] * 10 ** 5)', /memory/, 1],
  ['("a" * 10 ** 4).replace("a", "b" * 10 ** 4)', /memory/, 1],
  ['while True: pass', /steps/, 1],
  ['sum(1 for x in iter(lambda: 1, 2))', /steps/, 1],
  ['try:\n    while True: pass\nfinally:\n    while True: pass', /steps/, 2],
  ['while True:\n    try:\n        while True: pass\n    except BaseException: pass', /steps/, 3],
  ['while True: print("x" * 100)', /prints/, 1],
];

describe('what has no bound is refused at its line', () => {
  test.each(greedy)('%s', (source, message, line) => {
    const { error } = finished(source, { maxSteps: 1_000_000, maxBytes: 2 ** 23, maxOutput: 10_000 });
    expect(error?.code).toBe('limit-exceeded');
    expect(error?.message).toMatch(message);
    expect(error?.faults[0]).toMatchObject({ path: ['program'], line });
  });
});

test('what is not kept in use does not count', () => {
  const { error, stdout } = finished('for i in range(2000):\n    l = [i] * 10000\nprint(len(l))', {
    maxBytes: 2 ** 23,
  });
  expect(error).toBeNull();
  expect(stdout).toBe('10000\n');
});

test('long ranges are no memory', () => {
  expect(finished('r = range(10 ** 12)\nprint(len(r), r[-1], 5 in r)').stdout).toBe(
    '1000000000000 999999999999 True\n',
  );
});

const deep: [string, string][] = [
  ['calls', 'def f(): return f()\nf()'],
  ['repr', 'x = []\nfor i in range(10000): x = [x]\nrepr(x)'],
  ['equality', 'x, y = [], []\nfor i in range(10000): x, y = [x], [y]\nx == y'],
  ['keys', 'x = ()\nfor i in range(10000): x = (x,)\n{x: 1}'],
  ['special methods', 'class A:\n    def __repr__(self): return repr(self)\nrepr(A())'],
  ['attributes', 'class A:\n    def __getattr__(self, n): return getattr(self, n)\nA().x'],
  ['generators', 'def g(): yield from g()\nlist(g())'],
  ['iterators', 'x = iter([1])\nfor i in range(100000): x = map(int, x)\nnext(x)'],
];
test.each(deep)('recursion of %s ends in a RecursionError that programs can catch', (_, source) => {
  const { error } = finished(source);
  expect(error?.message).toBe('RecursionError: maximum recursion depth exceeded');
  const lines = source.split('\n');
  const last = lines.pop();
  const caught = [...lines, 'try:', `    ${last}`, 'except RecursionError:', '    print("caught")'].join(
    '\n',
  );
  expect(finished(caught).stdout).toBe('caught\n');
});

const nested: [string, string][] = [
  ['brackets', `${'('.repeat(100)}1${')'.repeat(100)}`],
  ['signs', `${'-'.repeat(5000)}1`],
  ['not', `${'not '.repeat(5000)}1`],
  ['lambdas', `${'lambda: '.repeat(5000)}1`],
  ['conditions', `${'1 if 0 else '.repeat(5000)}1`],
  ['powers', `2${' ** 2'.repeat(5000)}`],
  [
    'blocks',
    `${Array.from({ length: 90 }, (_, i) => `${' '.repeat(i)}if 1:`).join('\n')}\n${' '.repeat(90)}pass`,
  ],
  ['sums', `1${' + 1'.repeat(5000)}`],
  ['attributes', `x${'.a'.repeat(5000)}`],
  ['calls', `x${'()'.repeat(5000)}`],
];
test.each(nested)('a source that nests %s too deep is refused before it runs', (_, source) => {
  try {
    compileProgram(source, programLimits);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(GraddError);
    expect((error as GraddError).code).toBe('limit-exceeded');
  }
});

const hidden = [
  '__class__',
  '__dict__',
  '__globals__',
  '__code__',
  '__closure__',
  '__subclasses__',
  '__bases__',
  '__mro__',
  '__builtins__',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'attributes',
  'items_',
  'run',
  'table',
];
const objects = [
  '1',
  '1.5',
  '"a"',
  'None',
  'True',
  '[]',
  '()',
  '{}',
  'set()',
  'len',
  'int',
  'object',
  'object()',
];
const more = [
  '(lambda: 0)',
  'range(3)',
  'iter([])',
  'ValueError("x")',
  'ValueError',
  'A',
  'A()',
  'A().f',
  'A.f',
  'math',
  'print',
  'type',
];
test.each([...objects, ...more])('%s has no attribute beyond those of Python', (object) => {
  // What the program has made has its class and its attributes, which are the program's too.
  const own = object === 'A()' ? ['__class__', '__dict__'] : [];
  const names = hidden.filter((name) => !own.includes(name));
  const tests = names.flatMap((name) => [
    `hasattr(${object}, ${JSON.stringify(name)})`,
    `getattr(${object}, ${JSON.stringify(name)}, None) is not None`,
  ]);
  const source = `import math\nclass A:\n    def f(self): pass\nprint(any([${tests.join(', ')}]))`;
  expect(finished(source)).toMatchObject({ stdout: 'False\n', error: null });
});

test.each(['eval("1")', 'exec("1")', '__import__("os")', 'process', 'globalThis'])(
  '%s does not exist',
  (source) => {
    expect(finished(source).error?.message).toMatch(/^NameError: name '\w+' is not defined$/);
  },
);

test.each(['open("x")', 'input()'])('%s is refused with the reason', (source) => {
  expect(finished(source).error?.message).toMatch(
    /^RuntimeError: \w+\(\) is not available in a program: there /,
  );
});

test.each([
  ['globals()', 'dict_keys'],
  ['f()', 'dict_keys'],
  ['vars(a)', 'dict_keys'],
])('%s has the names of the program, and cannot be written to', (names) => {
  const source = [
    'class A: pass',
    'a = A()',
    'a.y = x = 1',
    'def f(y=2): return locals()',
    `d = ${names}`,
    'print(sorted(d.keys()))',
    'for write in (lambda: d.update(x=2), lambda: d.setdefault("z", 1), lambda: d.pop("y"), lambda: d.clear()):',
    '    try: write()',
    '    except (TypeError, KeyError): pass',
    'try: d["x"] = 3',
    'except TypeError as e: print(e)',
    'print(x, a.y)',
  ].join('\n');
  const found = { 'globals()': "['A', '__name__', 'a', 'f', 'x']", 'f()': "['y']", 'vars(a)': "['y']" }[
    names
  ];
  expect(finished(source).stdout).toBe(
    `${found}\nvariables can be read here, but not assigned; setattr() assigns attributes\n1 1\n`,
  );
});

test('a clock is the same in equal runs, moves on, and sleeps without waiting', () => {
  const source = [
    'import time',
    'start = time.perf_counter()',
    'for i in range(5000): pass',
    'took = time.perf_counter() - start',
    'time.sleep(1e6)',
    'print(took > 0, time.time() - start > 1e6, time.time_ns() > 10 ** 15, took)',
  ].join('\n');
  const first = finished(source);
  expect(first.stdout).toMatch(/^True True True 0\.00\d+\n$/);
  expect(finished(source).stdout).toBe(first.stdout);
});

test.each([
  ['a pattern in a loop', 'while True:\n    match [1]:\n        case [x]: pass'],
  ['a yield in an expression', 'def g():\n    while True: x = [(yield 1)]\nfor _ in g(): pass'],
  ['a text for JSON', 'import json\nx = ["a" * 1000] * 1000\nwhile True: json.dumps(x)'],
  ['a derived list', 'class L(list): pass\nl = L()\nwhile True: l.append([0] * 100)'],
  ['a derived text', 'class S(str): pass\ns = S("ab")\nwhile True: s = S(s + s)'],
  ['members without end', 'from enum import Enum\n\nwhile True: Enum("F", "a b c")'],
  [
    'names of a class',
    'from collections import namedtuple\nl = []\nwhile True: l.append(namedtuple("A", "b c"))',
  ],
])('%s comes to a limit', (_, source) => {
  expect(finished(source, { maxSteps: 300_000, maxBytes: 2 ** 22 }).error?.code).toBe('limit-exceeded');
});

test.each([
  ['a dict of JSON in itself', 'import json\nd = {}\nd["d"] = d\njson.dumps(d)'],
  ['nested JSON', 'import json\njson.loads("[" * 5000)'],
  [
    'patterns on a value that holds itself',
    'l = []\nl.append(l)\ndef f(x):\n    match x:\n        case [y]: f(y)\nf(l)',
  ],
  ['a special method that calls itself', 'class L(list):\n    def __len__(self): return len(self)\nlen(L())'],
])('%s ends in RecursionError', (_, source) => {
  expect(finished(source).error?.message).toMatch(/^RecursionError: maximum recursion depth exceeded/);
});

test('names of JavaScript are names like any other', () => {
  const source = [
    'd = {"__proto__": 1, "constructor": 2, "toString": 3}',
    'class A: pass',
    'a = A()',
    'a.__proto__ = 4',
    'a.constructor = 5',
    'def f(**k): return k',
    'hasOwnProperty = 6',
    'print(d, a.__proto__, a.constructor, f(__proto__=7), hasOwnProperty, "%(constructor)s" % d, "{toString}".format(**d))',
  ].join('\n');
  expect(finished(source).stdout).toBe(
    "{'__proto__': 1, 'constructor': 2, 'toString': 3} 4 5 {'__proto__': 7} 6 2 3\n",
  );
});

test('a deadline ends a program at its line, and no program catches it', () => {
  let calls = 0;
  const check = (): void => {
    if (++calls > 3) throw new GraddError('deadline-exceeded', 'too late');
  };
  const source = 'x = 1\nwhile True:\n    try:\n        x += 1\n    except BaseException: pass';
  const { error } = finished(source, runLimits, { check });
  expect(error?.code).toBe('deadline-exceeded');
  expect(error?.faults[0]?.line).toBeGreaterThan(1);
});

test('a module that is not there is refused with those that are', () => {
  expect(finished('import nosuch').error).toMatchObject({
    code: 'program-error',
    message: "ModuleNotFoundError: No module named 'nosuch'",
    hint: expect.stringMatching(
      /^These modules can be imported: .*functools, heapq, itertools, json, math.*\.$/,
    ),
  });
});

test('an unknown name gets a suggestion', () => {
  expect(finished('counter = 1\nprint(countr)').error).toMatchObject({
    message: "NameError: name 'countr' is not defined",
    hint: expect.stringContaining('counter'),
  });
});

test('the same code runs again from the beginning', () => {
  const source = 'try:\n    x += 1\nexcept NameError:\n    x = 0\nprint(x, [].count(1))';
  expect([finished(source).stdout, finished(source).stdout]).toEqual(['0 0\n', '0 0\n']);
});

const quick: [string, string][] = [
  ['a word that is split off', 'print(len(("a" * 10 ** 6 + " b").rsplit(None, 1)))'],
  ['a field of a template', 'try: ("{" + "[a]" * 1000 + "!x!y}").format(1)\nexcept TypeError: pass'],
  ['digits that are no float', 'try: float("1" * 10 ** 6 + "x")\nexcept ValueError: pass'],
  ['a set that is emptied', 's = set(range(20000))\nwhile s: s.pop()'],
];
test.each(quick)('%s takes no time that grows with its square', (_, source) => {
  const start = performance.now();
  expect(finished(source).error).toBeNull();
  expect(performance.now() - start).toBeLessThan(5000);
});
