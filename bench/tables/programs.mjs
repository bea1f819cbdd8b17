import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../dist/engine/index.js';
import { compileProgram } from '../../dist/language/program/index.js';
import { runTorch } from '../../dist/language/torch/index.js';
import { fixed, printTable } from '../measure.mjs';

const folder = new URL('../programs/', import.meta.url);
const ROUNDS = 8;

const engine = new Engine();

/** Best of some runs, each with all that a request's program takes besides the transport. */
function timed(source) {
  const limits = { maxSteps: 1e9, maxBytes: 2 ** 28, maxOutput: 2 ** 20, maxRecursion: 1000 };
  let seconds = Number.POSITIVE_INFINITY;
  let stdout = '';
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now();
    engine.begin({ dtype: 'float32' });
    const code = compileProgram(source, { maxLength: 100_000, maxDepth: 64, maxNodes: 100_000 });
    const finished = runTorch(code, engine.session(), { limits });
    if (finished.error) throw finished.error;
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
    stdout = finished.stdout;
  }
  return { seconds, stdout };
}

function timedByPython(sources) {
  const script = fileURLToPath(new URL('../peers/programs.py', import.meta.url));
  const { status, stdout } = spawnSync(process.env.PEERS_PYTHON || 'python3', [script], {
    input: JSON.stringify(sources),
    encoding: 'utf8',
  });
  return status === 0 ? JSON.parse(stdout) : { version: 'is not there', found: [] };
}

/** Milliseconds of whole scripts, beside CPython with PyTorch. */
export function programsTable() {
  const names = readdirSync(folder).filter((file) => file.endsWith('.py'));
  const sources = names.map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const ours = sources.map(timed);
  const { version, found } = timedByPython(sources);
  const ms = (each) => (each === undefined ? '' : fixed(each.seconds * 1000, 1));
  printTable([
    ['a program, ms', 'gradd', `CPython ${version}`, 'prints the same'],
    ...names.map((name, i) => [
      name,
      ms(ours[i]),
      ms(found[i]),
      found[i] === undefined ? '' : found[i].stdout === ours[i].stdout ? 'yes' : 'no',
    ]),
  ]);
}
