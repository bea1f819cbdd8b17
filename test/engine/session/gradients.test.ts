import { expect, test } from 'vitest';
import { Engine, type InPlace, type Session, Slice, type Variable } from '../../../src/engine/index.ts';
import { random } from '../../support/engine.ts';

const engine = new Engine();
const SIZE = 6;
const STEP = 1e-5;

/** None that saves its result, which later writing would spoil. */
const smooth = ['sin', 'cos', 'square', 'atan', 'erf'];
const both = ['add', 'sub', 'mul'];

/** A random part of a tensor of two by three, as a view. */
function part(session: Session, y: Variable, next: () => number): Variable {
  const which = Math.floor(next() * 7);
  const all = new Slice(null, null, null);
  if (which === 0) return session.getItem(y, [Math.floor(2 * next())]);
  if (which === 1) return session.getItem(y, [all, new Slice(1, null, null)]);
  if (which === 2) return session.getItem(y, [all, new Slice(null, null, 2)]);
  if (which === 3) return y.t() as Variable;
  if (which === 4) return y.view([3, 2]) as Variable;
  if (which === 5) return session.getItem(y.t() as Variable, [1]);
  return y;
}

/** A function of x made of operations in place on views; equal seeds make equal functions. */
function compute(session: Session, x: Variable, seed: number): Variable {
  const next = random(seed);
  const change = (name: string) => session.findInPlace('Tensor', `${name}_`) as InPlace;
  const y = x.mul(0.7).view([2, 3]).clone() as Variable;
  for (let i = 0; i < 8; i++) {
    const view = part(session, y, next);
    const kind = next();
    if (kind < 0.35) session.callInPlace(change(smooth[Math.floor(5 * next())] as string), { self: view });
    else if (kind < 0.6) {
      const other = session.getItem(y, [0, 1]);
      const scale = other.mul(0.5).add(0.3) as Variable;
      session.callInPlace(change(both[Math.floor(3 * next())] as string), { self: view, other: scale });
    } else if (kind < 0.75)
      session.setItem(y, [1, Math.floor(3 * next())], session.getItem(x, [0]).mul(2) as Variable);
    else if (kind < 0.9) {
      const mask = y.gt(0.2) as Variable;
      session.setItem(y, [mask], session.getItem(x, [1]).sin() as Variable);
    } else session.callInPlace(change('mul'), { self: view, other: view.clone() });
  }
  return y.mul(y).sum() as Variable;
}

const point = (seed: number): number[] => {
  const next = random(1000 + seed);
  return Array.from({ length: SIZE }, () => 2 * next() - 1);
};

function leaf(at: readonly number[]): { session: Session; x: Variable } {
  engine.begin({ dtype: 'float64' });
  const session = engine.session();
  return { session, x: session.setRequiresGrad(session.variable(at), true) };
}

function value(at: readonly number[], seed: number): number {
  const { session, x } = leaf(at);
  return Number(session.item(compute(session, x, seed)));
}

function gradient(at: readonly number[], seed: number): number[] {
  const { session, x } = leaf(at);
  session.backward([compute(session, x, seed)], [null]);
  return session.elements(x.grad as Variable).map(Number);
}

/** The derivative of the gradient along a direction: by differentiating twice. */
function hessian(at: readonly number[], along: readonly number[], seed: number): number[] {
  const { session, x } = leaf(at);
  const [g] = session.grad([compute(session, x, seed)], [x], [null], { createGraph: true }) as [Variable];
  const product = g.mul(session.variable(along)).sum() as Variable;
  const [h] = session.grad([product], [x], [null], { materializeGrads: true }) as [Variable];
  return session.elements(h).map(Number);
}

const moved = (at: readonly number[], along: readonly number[], step: number): number[] =>
  at.map((x, i) => x + step * (along[i] as number));

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

test('gradients through operations in place are the slopes of the values', () => {
  for (let seed = 0; seed < 200; seed++) {
    const at = point(seed);
    const along = point(seed + 5000);
    const slope = (value(moved(at, along, STEP), seed) - value(moved(at, along, -STEP), seed)) / (2 * STEP);
    const found = dot(gradient(at, seed), along);
    const scale = Math.max(1, Math.abs(slope));
    expect([seed, Math.abs(found - slope) / scale < 1e-6]).toEqual([seed, true]);
  }
});

test('and their gradients are the slopes of these', () => {
  for (let seed = 0; seed < 100; seed++) {
    const at = point(seed);
    const along = point(seed + 5000);
    const [above, below] = [STEP, -STEP].map((step) => gradient(moved(at, along, step), seed)) as [
      number[],
      number[],
    ];
    const slopes = above.map((g, i) => (g - (below[i] as number)) / (2 * STEP));
    const found = hessian(at, along, seed);
    const scale = Math.max(1, ...slopes.map(Math.abs));
    const error = Math.max(...found.map((h, i) => Math.abs(h - (slopes[i] as number)))) / scale;
    expect([seed, error < 1e-5]).toEqual([seed, true]);
  }
});
