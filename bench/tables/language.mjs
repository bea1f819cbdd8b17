import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compileProgram, runProgram } from '../../dist/language/program/index.js';
import { fixed, printTable } from '../measure.mjs';

const ROUNDS = 100_000;
/** Times that a statement stands in the loop, so that the loop itself weighs little. */
const COPIES = 5;

/** What is timed: what goes before, and a statement in a loop of a function. */
const cases = [
  ['s += i', 's = 0'],
  ['z = x * y', 'x, y = 1.5, 2.5'],
  ['z = a < b', 'a, b = 3, 4'],
  ['z = l[2]', 'l = [1, 2, 3]'],
  ['l[1] = i', 'l = [1, 2, 3]'],
  ['z = d["k"]', 'd = {"k": 1}'],
  ['z = o.x', 'class O:\n        pass\n    o = O()\n    o.x = 1'],
  ['z = f(i)', 'f = lambda x: x'],
  ['z = o.m(i)', 'class O:\n        def m(self, x):\n            return x\n    o = O()'],
  ['z = len(l)', 'l = [1, 2, 3]'],
  ['if a < b: z = a', 'a, b = 3, 4'],
  ['z = [v for v in l]', 'l = [1, 2, 3]'],
  ['z = f"{i}"', ''],
  ['z = (i, i)', ''],
];

const program = (body, setup) =>
  [
    'def run(n):',
    `    ${setup || 'pass'}`,
    '    for i in range(n):',
    ...Array.from({ length: body === 'pass' ? 1 : COPIES }, () => `        ${body}`),
    `run(${ROUNDS})`,
    '',
  ].join('\n');

function timed(source) {
  const code = compileProgram(source, { maxLength: 10_000, maxDepth: 64, maxNodes: 10_000 });
  const limits = { maxSteps: 1e9, maxBytes: 2 ** 28, maxOutput: 1000, maxRecursion: 1000 };
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 8; i++) {
    const start = performance.now();
    const { error } = runProgram(code, { limits });
    if (error) throw error;
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

function timedByPython(sources) {
  const script = fileURLToPath(new URL('../peers/language.py', import.meta.url));
  const { status, stdout } = spawnSync(process.env.PEERS_PYTHON || 'python3', [script], {
    input: JSON.stringify(sources),
    encoding: 'utf8',
  });
  return status === 0 ? JSON.parse(stdout) : { version: 'is not there', times: [] };
}

/** Nanoseconds of a statement of a program, beside CPython. */
export function languageTable() {
  const sources = [program('pass', ''), ...cases.map(([body, setup]) => program(body, setup))];
  const ours = sources.map(timed);
  const { version, times } = timedByPython(sources);
  const cost = (list, i) => (list[i] === undefined ? '' : ((list[i] - list[0]) / ROUNDS / COPIES) * 1e9);
  const cell = (value) => (value === '' ? '' : fixed(value, 0));
  printTable([
    ['a statement of a program, ns', 'gradd', `CPython ${version}`],
    [
      'one round of the loop',
      cell((ours[0] / ROUNDS) * 1e9),
      times[0] ? cell((times[0] / ROUNDS) * 1e9) : '',
    ],
    ...cases.map(([body], i) => [body, cell(cost(ours, i + 1)), cell(cost(times, i + 1))]),
  ]);
}
