/**
 * Prints every figure beside what it is compared to, measured in this run. PyTorch's column needs a python3 with torch
 * and is left out without it.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { chainOfAdds, fusedSum, matmul, scalarChain } from './engine.mjs';
import { bigLeaf, runningExample, textbook } from './http.mjs';
import { printTable } from './measure.mjs';

function pytorch() {
  const script = fileURLToPath(new URL('./peers/pytorch.py', import.meta.url));
  const { status, stdout } = spawnSync('python3', [script], { encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : null;
}

const fixed = (value, digits = 1) => (value === undefined ? '' : value.toFixed(digits));

function engineTable() {
  const peer = pytorch();
  const small = chainOfAdds(10_000, 31);
  const large = chainOfAdds(1_000_000, 5);
  const product = matmul();
  printTable([
    ['engine', 'gradd', peer ? `PyTorch ${peer.version}, one core` : 'PyTorch: not installed', 'aim'],
    [
      'chain of 5,000 scalar ops, forward + backward, ns/op',
      fixed(scalarChain(), 0),
      fixed(peer?.scalar_chain, 0),
      '600',
    ],
    [
      '1,000,000 float32 fused sum, forward + backward, ns/element',
      fixed(fusedSum()),
      fixed(peer?.fused_sum),
      '12',
    ],
    [
      `float32 matmul 512, GFLOP/s${product.relaxed ? ' (relaxed SIMD)' : ''}`,
      fixed(product.gflops),
      fixed(peer?.matmul),
      product.relaxed ? '45' : '30',
    ],
    [
      'chain of 10,000 adds, forward + backward + trace, ns/op',
      fixed(small, 0),
      fixed(peer?.adds_10k, 0),
      '',
    ],
    ['chain of 1,000,000 adds, likewise, ns/op', fixed(large, 0), fixed(peer?.adds_1m, 0), ''],
    [
      '  ratio of the two',
      fixed(large / small, 2),
      peer ? fixed(peer.adds_1m / peer.adds_10k, 2) : '',
      '1.5',
    ],
  ]);
}

async function httpTable() {
  const rows = [['HTTP', 'gradd', 'bare fastify', 'ratio', 'aim']];
  for (const [form, body] of Object.entries(textbook)) {
    const { gradd, bare, ratio, timings } = await runningExample(body);
    rows.push([
      `running example as ${form}, requests/s`,
      fixed(gradd.perSecond, 0),
      fixed(bare.perSecond, 0),
      fixed(ratio, 2),
      '0.65',
    ]);
    rows.push([`  of which µs: ${timings}`, '', '', '', '']);
    rows.push([
      '  server CPU, µs/request',
      fixed(gradd.cpu),
      fixed(bare.cpu),
      fixed(bare.cpu / gradd.cpu, 2),
      '',
    ]);
  }
  const { wall, plain, ratio } = await bigLeaf();
  rows.push(['', 'gradd', 'JSON.parse + stringify', '', '']);
  rows.push([
    '1,000,000-element leaf in, gradient and value out, ms',
    fixed(wall, 0),
    fixed(plain, 0),
    fixed(ratio, 2),
    '1.5',
  ]);
  printTable(rows);
}

console.log(`Node ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores\n`);
engineTable();
console.log();
await httpTable();
