import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../dist/engine/index.js';
import { compileProgram } from '../../dist/language/program/index.js';
import { runTorch } from '../../dist/language/torch/index.js';
import { fixed, middle, printTable } from '../measure.mjs';

const folder = new URL('../programs/', import.meta.url);
const ROUNDS = 15;

const engine = new Engine();

/** One run with all that a request's program takes besides the transport. */
function timed(source) {
  const limits = { maxSteps: 1e9, maxBytes: 2 ** 28, maxOutput: 2 ** 20, maxRecursion: 1000 };
  const start = performance.now();
  engine.begin({ dtype: 'float32' });
  const code = compileProgram(source, { maxLength: 100_000, maxDepth: 64, maxNodes: 100_000 });
  const finished = runTorch(code, engine.session(), { limits });
  if (finished.error) throw finished.error;
  return { seconds: (performance.now() - start) / 1000, stdout: finished.stdout };
}

/** CPython with PyTorch in a process of its own; null where it is not there. */
async function startPython() {
  const script = fileURLToPath(new URL('../peers/programs.py', import.meta.url));
  const child = spawn(process.env.PEERS_PYTHON || 'python3', [script], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value ?? 'null');
  const version = await answer();
  if (version === null) return null;
  const run = (source) => {
    child.stdin.write(`${JSON.stringify(source)}\n`);
    return answer();
  };
  return { version, run, stop: () => child.stdin.end() };
}

/** Runs of both sides in turn, so that what else the machine does comes to both; the first is not counted. */
async function alternating(source, python) {
  const ours = [];
  const theirs = [];
  for (let i = -1; i < ROUNDS; i++) {
    const a = timed(source);
    const b = python === null ? null : await python.run(source);
    if (i < 0) continue;
    ours.push(a);
    if (b !== null) theirs.push(b);
  }
  return { ours, theirs };
}

/** Milliseconds of whole scripts, beside CPython with PyTorch: medians. */
export async function programsTable() {
  const python = await startPython();
  const rows = [
    [
      'a program, ms',
      'gradd',
      `CPython ${python?.version ?? 'is not there'}`,
      'times as fast',
      'prints the same',
    ],
  ];
  const ms = (list) => (list.length === 0 ? '' : fixed(middle(list.map(({ seconds }) => seconds)) * 1000, 1));
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.py'))) {
    const source = readFileSync(new URL(name, folder), 'utf8');
    const { ours, theirs } = await alternating(source, python);
    const ratios = theirs.map(({ seconds }, i) => seconds / ours[i].seconds);
    const same = theirs[0]?.stdout === ours[0].stdout ? 'yes' : 'no';
    const none = theirs.length === 0;
    rows.push([name, ms(ours), ms(theirs), none ? '' : fixed(middle(ratios), 2), none ? '' : same]);
  }
  python?.stop();
  printTable(rows);
}
