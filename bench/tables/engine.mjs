import { chainOfAdds, fusedSum, matmul, scalarChain } from '../engine.mjs';
import { fixed, printTable } from '../measure.mjs';
import { figuresOf, headOf, pytorch } from '../peers.mjs';

/** The dynamic graph beside PyTorch's. */
export function engineTable() {
  const small = chainOfAdds(10_000, 31);
  const large = chainOfAdds(1_000_000, 5);
  const product = matmul();
  const peer = figuresOf(pytorch, ['scalar_chain', 'fused_sum', 'matmul', 'adds_10k', 'adds_1m']);
  const ratio = peer.adds_1m.run / peer.adds_10k.run;
  const simd = product.relaxed ? ' (relaxed SIMD)' : '';
  printTable([
    ['engine', 'gradd', headOf(pytorch), 'aim'],
    row('chain of 5,000 scalar ops, forward + backward, ns/op', scalarChain(), peer.scalar_chain, '600', 0),
    row('1,000,000 float32 fused sum, forward + backward, ns/element', fusedSum(), peer.fused_sum, '12'),
    row(`float32 matmul 512, GFLOP/s${simd}`, product.gflops, peer.matmul, product.relaxed ? '45' : '30'),
    row('chain of 10,000 adds, forward + backward + trace, ns/op', small, peer.adds_10k, '', 0),
    row('chain of 1,000,000 adds, likewise, ns/op', large, peer.adds_1m, '', 0),
    row('  ratio of the two', large / small, { run: ratio || undefined }, '1.5', 2),
  ]);
}

const row = (title, ours, peer, aim, digits) => [title, fixed(ours, digits), fixed(peer.run, digits), aim];
