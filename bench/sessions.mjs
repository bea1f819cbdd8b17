/** Benchmarks of sessions: tensors that are written to, as programs have them. */
import { findIn, inPlaceOf } from '../dist/engine/index.js';
import { roomy, wave } from './leaves.mjs';
import { median } from './measure.mjs';

const ROWS = 100;
const COLUMNS = 3;
const STEPS = 1000;
const CHAIN = 5000;

const x0 = wave('float32', [ROWS, COLUMNS], 0.7, 0, 1);
const y0 = wave('float32', [ROWS, 1], 1.3, 0.5, 1);

const named = (place, name) => findIn(place, name);
const variable = (session, { data, shape, dtype }) => session.variable(data, shape, dtype);

const engine = roomy();

function begin() {
  engine.begin({ dtype: 'float32' });
  return engine.session();
}

/** `y = x @ w; loss = ((y - t) ** 2).mean(); loss.backward(); w -= 0.1 * w.grad; w.grad.zero_()`: nanoseconds a step. */
export function regressionStep() {
  const [matmul, sub, pow, mean, mul] = ['matmul', 'sub', 'pow', 'mean', 'mul'].map((name) =>
    named('Tensor', name),
  );
  const [subInPlace, zero] = ['sub_', 'zero_'].map((name) => inPlaceOf('Tensor', name));
  const ms = median(
    () => {
      const session = begin();
      const [x, t] = [x0, y0].map((each) => variable(session, each));
      const w = session.setRequiresGrad(session.variable([0, 0, 0], [COLUMNS, 1], 'float32'), true);
      for (let i = 0; i < STEPS; i++) {
        const difference = session.apply(sub, [session.apply(matmul, [x, w]), t]);
        const loss = session.apply(mean, [session.apply(pow, [difference, 2n])]);
        session.backward([loss], [null]);
        session.gradMode = 'off';
        session.applyInPlace(subInPlace, [w, session.apply(mul, [w.grad, 0.1])]);
        session.applyInPlace(zero, [w.grad]);
        session.gradMode = 'on';
        if (session.wantsCollection) session.collect([x, t, w]);
      }
    },
    { rounds: 11, warmup: 3 },
  );
  return (ms * 1e6) / STEPS;
}

/** Alternating sin(y * x) and tanh(y + w) of scalars, forward and backward: nanoseconds an op. */
export function scalarChain() {
  const [mul, sin, add, tanh] = ['mul', 'sin', 'add', 'tanh'].map((name) => named('Tensor', name));
  const ms = median(
    () => {
      const session = begin();
      const [x, w] = [0.7, 0.3].map((n) => session.setRequiresGrad(session.variable(n, [], 'float64'), true));
      let y = x;
      for (let i = 0; i < CHAIN; i += 4) {
        y = session.apply(sin, [session.apply(mul, [y, x])]);
        y = session.apply(tanh, [session.apply(add, [y, w])]);
      }
      session.backward([y], [null]);
    },
    { rounds: 51, warmup: 30 },
  );
  return (ms * 1e6) / CHAIN;
}

/** `y = y * x` of two float32 tensors of four elements, unrecorded: nanoseconds. */
export function callOverhead() {
  const mul = named('Tensor', 'mul');
  const session = begin();
  session.gradMode = 'off';
  const [x, y] = [1, 2].map(() => session.variable([1, 2, 3, 4], [4], 'float32'));
  const ms = median(
    () => {
      for (let i = 0; i < 10_000; i++) session.apply(mul, [x, y]);
      session.collect([x, y]);
    },
    { rounds: 51, warmup: 30 },
  );
  return ms * 100;
}

/** `y.mul_(x)` likewise. */
export function inPlaceOverhead() {
  const mul = inPlaceOf('Tensor', 'mul_');
  const session = begin();
  session.gradMode = 'off';
  const [x, y] = [1, 2].map(() => session.variable([1, 1, 1, 1], [4], 'float32'));
  const ms = median(
    () => {
      for (let i = 0; i < 10_000; i++) session.applyInPlace(mul, [y, x]);
    },
    { rounds: 51, warmup: 30 },
  );
  return ms * 100;
}
