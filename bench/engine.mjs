/** Benchmarks of the engine alone: forward, backward and trace, without HTTP. */
import { Engine } from '../dist/engine/index.js';
import { median } from './measure.mjs';

const CHAIN = 5000;
const MILLION = 1_000_000;

/** An engine with room for everything that is measured here. */
function roomy() {
  return new Engine({ limits: { maxElements: 2 ** 28, maxTotalElements: 2 ** 40 } });
}

function leaf(engine, dtype, shape, fill) {
  const t = engine.rt.empty(dtype, shape);
  const view = dtype === 'float64' ? engine.rt.arena.f64 : engine.rt.arena.f32;
  const at = t.ptr >>> (dtype === 'float64' ? 3 : 2);
  for (let i = 0; i < t.numel; i++) view[at + i] = fill(i);
  return engine.leaf(t, true);
}

/** Evaluates a chain that `grow` makes of leaves, as a request does: forward, backward, trace and its text. */
function evaluateChain(engine, grow) {
  engine.begin({ dtype: 'float64' });
  const leaves = new Map([
    ['x', leaf(engine, 'float64', [], () => 0.7)],
    ['w', leaf(engine, 'float64', [], () => 0.3)],
  ]);
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
      const x = leaf(engine, 'float64', [], () => 0.7);
      const w = leaf(engine, 'float64', [], () => 0.3);
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
        x = leaf(engine, 'float32', [MILLION], Math.sin);
        w = leaf(engine, 'float32', [MILLION], Math.cos);
      },
    },
  );
  return (ms * 1e6) / MILLION;
}

/** float32 matmul of two n by n matrices: GFLOP/s. */
export function matmul(n = 512) {
  const engine = roomy();
  let a;
  let b;
  const ms = median(() => a.mm(b), {
    rounds: 21,
    before() {
      engine.begin({ dtype: 'float32' });
      a = leaf(engine, 'float32', [n, n], Math.sin);
      b = leaf(engine, 'float32', [n, n], Math.cos);
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
