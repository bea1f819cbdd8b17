import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PyModule, PyType } from '../../../src/language/program/host.ts';
import { builtinNames } from '../../../src/language/program/library/builtins.ts';
import { library } from '../../../src/language/program/library/index.ts';
import { finished } from './support.ts';

/** A value of every type there is. */
const values = [
  '0',
  '-3',
  '2 ** 70',
  '2.5',
  'float("nan")',
  'float("-inf")',
  'True',
  'None',
  '"abc"',
  '""',
  '[3, 1, 2]',
  '[]',
  '(1, "b")',
  '{"a": 1, 2: "b"}',
  '{1, 2}',
  'frozenset("ab")',
  'range(3)',
  'slice(1, 2)',
  'iter([1, 2])',
  '(x for x in "ab")',
  'len',
  '(lambda *a, **k: 1)',
  'int',
  'ValueError("x")',
  'I()',
  'I',
  'I().m',
  'math',
  '{"a": 1}.items()',
  'map(str, [1])',
  'NotImplemented',
  'SI(3)',
  'SF(0.5)',
  'SS("ab")',
  'SL([1, 2])',
  'ST((1, 2))',
  'SD(a=1)',
  'E.A',
  'E',
  'NT(1, 2)',
];

const folder = new URL('../../../src/language/program/library/python/', import.meta.url);
/** Functions and classes of the modules that are written in Python. */
const inPython = readdirSync(folder).flatMap((file) => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const module = file.slice(0, -'.py'.length);
  return [...text.matchAll(/^(?:def|class) ([a-z]\w*)/gm)].map(([, name]) => `${module}.${name}`);
});

/** Every function, method and type, as an expression. */
function callables(): string[] {
  const names: string[] = [];
  for (const [name, value] of builtinNames) {
    names.push(name);
    if (!(value instanceof PyType)) continue;
    for (const attribute of value.attributes.keys()) names.push(`${name}.${attribute}`);
  }
  for (const [name, module] of library) {
    if (!(module instanceof PyModule)) continue;
    for (const [member, value] of module.members) {
      names.push(`${name}.${member}`, `${name}.${member}(1)`, `${name}.${member}(len)(len)`);
      if (!(value instanceof PyType)) continue;
      for (const attribute of value.attributes.keys()) names.push(`${name}.${member}.${attribute}`);
    }
  }
  for (const callee of inPython) names.push(callee, `${callee}(1)`, `${callee}(len)(len)`);
  for (const value of values) {
    for (const type of builtinNames.values()) {
      if (!(type instanceof PyType)) continue;
      for (const attribute of type.attributes.keys()) names.push(`(${value}).${attribute}`);
    }
  }
  return names;
}

const head = [
  ...[...library.keys()].map((name) => `import ${name}`),
  ...new Set(inPython.map((name) => `import ${name.slice(0, name.lastIndexOf('.'))}`)),
  'class SI(int): pass',
  'class SF(float): pass',
  'class SS(str): pass',
  'class SL(list): pass',
  'class ST(tuple): pass',
  'class SD(dict): pass',
  'class E(enum.Enum): A = 1',
  'NT = collections.namedtuple("NT", "x y")',
  'class I:',
  '    def m(self): pass',
  'def t(f, *a, **k):',
  '    try:',
  '        r = f()(*a, **k)',
  '        repr(r)',
  '        for i, x in enumerate(r):',
  '            if i > 5: break',
  '    except Exception: pass',
].join('\n');

/** A generator of numbers that is the same each time. */
function* random(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

test('no function of the host fails on any arguments but with an exception of Python', () => {
  const numbers = random(7);
  const next = (below: number): number => Math.floor((numbers.next().value as number) * below);
  const one = (): string => values[next(values.length)] as string;
  const failed: string[] = [];
  for (const callee of callables()) {
    const calls = Array.from({ length: callee.startsWith('(') ? 2 : 30 }, () => {
      const args = Array.from({ length: next(5) }, one);
      const key = ['key', 'start', 'default', 'sep', 'x'][next(5)];
      return `t(lambda: ${callee}, ${[...args, ...(next(6) === 0 ? [`${key}=${one()}`] : [])].join(', ')})`;
    });
    for (const call of calls) {
      const source = `${head}\n${call}\n`;
      try {
        const limits = { maxSteps: 5000, maxBytes: 2 ** 20, maxOutput: 1000, maxRecursion: 100 };
        const { error } = finished(source, limits);
        if (
          error !== null &&
          error.code !== 'limit-exceeded' &&
          !/^SystemExit|^Keyboard|^Gener|^BaseEx/.test(error.message)
        )
          failed.push(`${call}: ${error.message}`);
      } catch (error) {
        failed.push(`${call}: ${(error as Error).message}`);
      }
    }
  }
  expect(failed).toEqual([]);
}, 240_000);
