import { fixed, printTable } from '../measure.mjs';
import { figuresOf, headOf, pytorch } from '../peers.mjs';
import { callOverhead, inPlaceOverhead, regressionStep, scalarChain } from '../sessions.mjs';

/** Tensors that are written to, as programs have them, beside PyTorch's. */
export function sessionsTable() {
  const peer = figuresOf(pytorch, ['regression_step', 'scalar_chain']);
  printTable([
    ['sessions', 'gradd', headOf(pytorch)],
    [
      'step of linear regression of 100 rows by 3, ns',
      fixed(regressionStep(), 0),
      fixed(peer.regression_step.run, 0),
    ],
    [
      'chain of 5,000 scalar ops, forward + backward, ns/op',
      fixed(scalarChain(), 0),
      fixed(peer.scalar_chain.run, 0),
    ],
    ['product of four elements, unrecorded, ns', fixed(callOverhead(), 0), ''],
    ['  in place, ns', fixed(inPlaceOverhead(), 0), ''],
  ]);
}
