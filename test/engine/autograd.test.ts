import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, type Value } from '../../src/engine/index.ts';

const engine = new Engine();
beforeEach(() => engine.begin({ dtype: 'float64' }));

const leaf = (data: number | number[], shape?: number[]) => engine.leaf(engine.tensor(data, shape), true);
const numbers = (value: Value | null) => value && engine.elements(value);
const grad = (outputs: Value[], inputs: Value[], createGraph = false) =>
  engine.eager.grad(
    outputs,
    inputs,
    outputs.map(() => null),
    createGraph,
  );

describe('the textbook graph', () => {
  test.each([[[]], [[1]]])('with leaves of shape %j', (shape) => {
    const w = leaf([1], shape);
    const x = leaf([2], shape);
    const a = x.add(w);
    const b = w.add(1);
    const y = a.mul(b);
    const gradient = engine.backward(y, [w, x, a, b]);
    expect(engine.item(y)).toBe(6);
    expect([w, x, a, b].map((t) => numbers(gradient(t)))).toEqual([[5], [2], [2], [3]]);
  });
});

describe('accumulation', () => {
  test('a leaf used many times gets the sum of all paths', () => {
    const x = leaf(3);
    const y = x.mul(x).add(x.mul(2)).add(x);
    expect(numbers(engine.backward(y, [x])(x))).toEqual([9]);
  });

  test('a node used twice sends its gradient once, whole', () => {
    const x = leaf(2);
    const a = x.mul(x);
    const y = a.mul(a);
    expect(numbers(engine.backward(y, [x])(x))).toEqual([32]);
  });

  test('broadcast gradients are summed to the shape of the leaf', () => {
    const x = leaf([1, 2, 3], [3]);
    const m = leaf([1, 1, 1, 1, 1, 1], [2, 3]);
    const gradient = engine.backward(m.mul(x).sum(), [x, m]);
    expect(numbers(gradient(x))).toEqual([2, 2, 2]);
    expect(gradient(m)?.shape).toEqual([2, 3]);
  });

  test('the gradient has the dtype of its leaf', () => {
    const x = engine.leaf(engine.tensor([1, 2], [2], 'float32'), true);
    const y = x.mul(engine.tensor([1, 2], [2], 'float64')).sum();
    expect(y.dtype).toBe('float64');
    expect(engine.backward(y, [x])(x)?.dtype).toBe('float32');
  });
});

describe('what gets no gradient', () => {
  test('a leaf that the root does not depend on', () => {
    const x = leaf(1);
    const unused = leaf(1);
    expect(engine.backward(x.mul(2), [unused])(unused)).toBeNull();
  });

  test('what is behind detach', () => {
    const x = leaf(3);
    const y = x.mul(x.detach());
    expect(numbers(engine.backward(y, [x])(x))).toEqual([3]);
  });

  test('a tensor computed while recording is off', () => {
    const x = leaf(3);
    const y = engine.eager.withGrad(false, () => x.mul(x));
    expect(y.requiresGrad).toBe(false);
  });
});

describe('autograd.grad', () => {
  test('derivatives of any order', () => {
    const x = leaf(2);
    let y: Value = x.mul(x).mul(x).mul(x);
    const expected = [32, 48, 48, 24, 0];
    for (const value of expected.slice(0, 4)) {
      [y] = grad([y], [x], true) as [Value];
      expect(engine.item(y)).toBe(value);
    }
    expect(y.requiresGrad).toBe(false);
  });

  test('the result of create_graph can be differentiated together with other paths', () => {
    const x = leaf(0.5);
    const [g] = grad([x.sin()], [x], true) as [Value];
    const penalty = g.mul(g).add(x);
    const [gg] = grad([penalty], [x]) as [Value];
    expect(engine.item(gg)).toBeCloseTo(1 - 2 * Math.cos(0.5) * Math.sin(0.5), 12);
  });

  test('with respect to a tensor in the middle of the graph', () => {
    const x = leaf(3);
    const a = x.mul(2);
    expect(grad([a.mul(a)], [a, x]).map(numbers)).toEqual([[12], [24]]);
  });

  test('of several outputs adds up', () => {
    const x = leaf(3);
    expect(grad([x.mul(2), x.mul(x)], [x]).map(numbers)).toEqual([[8]]);
  });

  test('complaints are PyTorch’s', () => {
    const x = leaf([1, 2]);
    expect(() => grad([x.mul(2)], [x])).toThrow('grad can be implicitly created only for scalar outputs');
    expect(() => grad([x.sum()], [])).toThrow('`inputs` argument to `grad()` cannot be empty.');
    expect(() => grad([x.sum()], [engine.tensor(1)])).toThrow(
      'One of the differentiated Tensors does not require grad',
    );
    expect(() => grad([x.detach().sum()], [x])).toThrow(
      'element 0 of tensors does not require grad and does not have a grad_fn',
    );
    expect(() => engine.backward(x.mul(2), [x], engine.tensor([1, 2, 3]))).toThrow(
      'Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape of torch.Size([2]).',
    );
    expect(() => engine.leaf(engine.tensor([1n, 2n], [2], 'int64'), true)).toThrow(
      'Only Tensors of floating point and complex dtype can require gradients',
    );
  });
});

test('a chain of a million operations', () => {
  const n = 1_000_000;
  const x = leaf(1);
  let y: Value = x;
  for (let i = 0; i < n; i++) y = y.add(x);
  expect(engine.item(y)).toBe(n + 1);
  expect(numbers(engine.backward(y, [x])(x))).toEqual([n + 1]);
});

test('the limits speak before memory is taken', () => {
  const small = new Engine({ limits: { maxElements: 100, maxTotalElements: 250 } });
  small.begin({ dtype: 'float64' });
  const x = small.tensor(new Array(100).fill(1));
  expect(() => x.expand([2, 100]).add(1)).toThrow(
    'A tensor of 200 elements exceeds the limit of 100 elements per tensor',
  );
  expect(() => x.add(x).add(x)).toThrow('exceeds the limit of 250 elements');
});
