/** A thread of the pool that fails as the expression of a request says. */
import work from '../../dist/workers/worker.js';

const trap = new WebAssembly.Module(
  Uint8Array.from([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11,
  ]),
);

const faults = {
  trap: () => new WebAssembly.Instance(trap).exports.f(),
  exit: () => process.exit(9),
  throw: () => {
    throw new Error('secret of the inside');
  },
  spin: () => {
    for (;;);
  },
};

export default (order) => {
  const fault = faults[order.task.body?.leaves?.fault?.data];
  fault?.();
  return work(order);
};
