/** Benchmarks of the engine alone: forward, backward and trace, without HTTP. */
import { begin, filled, leaf, roomy } from './leaves.mjs';
import { median } from './measure.mjs';

const CHAIN = 5000;
const MILLION = 1_000_000;

const x0 = filled('float64', [], () => 0.7);
const w0 = filled('float64', [], () => 0.3);

/** Evaluates a chain that `grow` makes of leaves, as a request does: forward, backward, trace and its text. */
function evaluateChain(engine, grow) {
  const leaves = begin(engine, 'float64', { x: x0, w: w0 });
  const program = {
    run: () => {
      const result = grow(leaves.get('x'), leaves.get('w'));
      return { named: new Map([['y', { result, op: null }]]), outputs: ['y'] };
    },
  };
  return engine.evaluate(program, leaves).trace.toText();
}

/** Alternating sin(y * x) and tanh(y + w), forward and backward: nanoseconds an op. */
export function scalarChain() {
  const engine = roomy();
  const ms = median(
    () => {
      engine.begin({ dtype: 'float64' });
      const x = leaf(engine, x0);
      const w = leaf(engine, w0);
      let y = x;
      for (let i = 0; i < CHAIN; i += 4) y = y.mul(x).sin().add(w).tanh();
      engine.eager.differentiate([y], [null], [x, w], { towards: false, createGraph: false });
    },
    { rounds: 51, warmup: 30 },
  );
  return (ms * 1e6) / CHAIN;
}

/** (tanh(x*w) + exp(-x*x) * sigmoid(w)).sum() on a million float32, forward and backward: nanoseconds an element. */
export function fusedSum() {
  const engine = roomy();
  const [sines, cosines] = [Math.sin, Math.cos].map((fill) => filled('float32', [MILLION], fill));
  let x;
  let w;
  const ms = median(
    () => {
      const y = x.mul(w).tanh().add(x.neg().mul(x).exp().mul(w.sigmoid())).sum();
      engine.eager.differentiate([y], [null], [x, w], { towards: false, createGraph: false });
    },
    {
      before() {
        engine.begin({ dtype: 'float32' });
        x = leaf(engine, sines);
        w = leaf(engine, cosines);
      },
    },
  );
  return (ms * 1e6) / MILLION;
}

/** float32 matmul of two n by n matrices: GFLOP/s. */
export function matmul(n = 512) {
  const engine = roomy();
  const [sines, cosines] = [Math.sin, Math.cos].map((fill) => filled('float32', [n, n], fill));
  let a;
  let b;
  const ms = median(() => a.mm(b), {
    rounds: 21,
    before() {
      engine.begin({ dtype: 'float32' });
      a = leaf(engine, sines);
      b = leaf(engine, cosines);
    },
  });
  return { gflops: (2 * n ** 3) / ms / 1e6, relaxed: engine.rt.relaxed };
}

/** A chain of n adds, forward, backward, trace and its text: nanoseconds an op. */
export function chainOfAdds(n, rounds) {
  const engine = roomy();
  const ms = median(
    () =>
      evaluateChain(engine, (x) => {
        let y = x;
        for (let i = 0; i < n; i++) y = y.add(x);
        return y;
      }),
    { rounds, warmup: 3 },
  );
  return (ms * 1e6) / n;
}
