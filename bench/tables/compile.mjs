import { CHAIN } from '../cases.mjs';
import { attempt, fixed, printTable } from '../measure.mjs';
import { figuresOf, headOf, peers } from '../peers.mjs';
import { compileTime } from '../static.mjs';

const compilers = peers.filter(({ title }) => title !== 'PyTorch');

/** Time to compile a chain of scalar operations with its gradients, by its length. */
export function compileTable() {
  const theirs = compilers.map((peer) => figuresOf(peer, ['scalar_chain']).scalar_chain);
  const notes = theirs.flatMap(({ missing }, i) =>
    missing && missing !== 'not installed' ? [`${compilers[i].title}: ${missing}`] : [],
  );
  const lines = [1000, CHAIN, 10_000, 100_000].map((nodes) => {
    const ours = attempt(() => compileTime(nodes));
    if (ours.missing) notes.push(`gradd, ${nodes} nodes: ${ours.missing}`);
    const others = theirs.map(({ compile_ms }) => (nodes === CHAIN ? perNode(compile_ms, nodes) : ''));
    return [
      `${nodes.toLocaleString('en')} nodes`,
      perNode(ours.missing ? undefined : ours, nodes),
      ...others,
    ];
  });
  printTable([['compiling a chain, µs/node', 'gradd', ...compilers.map(headOf)], ...lines]);
  for (const note of notes) console.log(`  ${note}`);
}

const perNode = (ms, nodes) => fixed(ms === undefined ? undefined : (ms * 1000) / nodes, 2);
