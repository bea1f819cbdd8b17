import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, fn, node } from '../support/functions.ts';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ MAX_NODES: '50', MAX_DEPTH: '10', MAX_TOTAL_ELEMENTS: '2000000' });
});
afterAll(() => service.close());

const xw = ['x', 'w'];
const mul = call(xw, 'mul');
const double = call(['x'], 'mul', ['x', 2]);
const sum = call(['x'], 'sum');
const below = (n: number) => call(['i', 'x'], 'lt', ['i', n]);
const next = node('j', 'add', ['i', 1]);
const square = fn(['i', 'x'], [next, node('y', 'mul', ['x', 'x'])], ['j', 'y']);
const keep = fn(['i', 'x'], [], ['i', 'x']);

const leaves = {
  p: true,
  q: false,
  i: { data: 0, dtype: 'int64' },
  x: [1, 2, 3],
  w: 3,
  m: [
    [1, 2],
    [3, 4],
  ],
  none: { data: [], shape: [0] },
};

const nested = (depth: number): unknown =>
  depth === 0 ? double : fn(['x'], [node('y', 'cond', [true, nested(depth - 1), double, ['x']])]);

const y = (op: string, inputs: unknown[], attrs?: Record<string, unknown>) => [node('y', op, inputs, attrs)];

/** What provokes a complaint, PyTorch's words where it has some, and where it points. */
const rows: [code: string, nodes: unknown[], detail: string | RegExp, pointer: string][] = [
  [
    'invalid-argument',
    y('cond', [null, double, sum, ['x']]),
    "cond(): argument 'pred' (position 1) must be bool or Tensor, not NoneType",
    '/graph/nodes/0/inputs/0',
  ],
  [
    'shape-mismatch',
    y('cond', ['x', double, double, ['x']]),
    'Expected pred to be bool or single-element tensor, but got a tensor of shape [3].',
    '/graph/nodes/0',
  ],
  [
    'invalid-argument',
    y('cond', ['p', 'x', double, ['x']]),
    "cond(): argument 'true_fn' (position 2) must be function, not Tensor",
    '/graph/nodes/0/inputs/1',
  ],
  [
    'invalid-argument',
    y('cond', ['p', double, double, 'x']),
    "cond(): argument 'operands' (position 4) must be tuple of Tensors, not Tensor",
    '/graph/nodes/0/inputs/3',
  ],
  [
    'invalid-argument',
    y('cond', ['p', mul, mul, ['x', 2]]),
    'expected Tensor as element 1 in argument 3, but got int',
    '/graph/nodes/0/inputs/3/1',
  ],
  [
    'invalid-argument',
    y('cond', ['p', mul, double, ['x', 'w']]),
    'false_fn() takes 1 positional argument but 2 were given',
    '/graph/nodes/0/inputs/2/graph/inputs',
  ],
  [
    'invalid-argument',
    y('cond', ['p', fn(['x'], [], ['x', 'x']), double, ['x']]),
    'Expected branches to return the same pytree structure: true_fn returns 2, false_fn 1',
    '/graph/nodes/0/inputs/2/graph/outputs',
  ],
  [
    'invalid-argument',
    y('cond', ['q', double, call(['x'], 'matmul', ['x', 'x', 'x']), ['x']]),
    'matmul() takes 2 positional arguments but 3 were given',
    '/graph/nodes/0/inputs/2/graph/nodes/0/inputs/2',
  ],
  [
    'shape-mismatch',
    y('cond', ['p', double, sum, ['x']]),
    "When merging two branches' output in torch.cond, expected same dim but got 1 and 0.",
    '/graph/nodes/0/inputs/2/graph/outputs/0',
  ],
  [
    'shape-mismatch',
    y('cond', ['p', double, call(['x'], 'cat', [['x', 'x']]), ['x']]),
    "When merging two branches' output in torch.cond, expected same size but got torch.Size([3]) and torch.Size([6]).",
    '/graph/nodes/0/inputs/2/graph/outputs/0',
  ],
  [
    'dtype-mismatch',
    y('cond', ['q', call(['x'], 'gt', ['x', 0]), double, ['x']]),
    "When merging two branches' output in torch.cond, expected same dtype but got torch.bool and torch.float64.",
    '/graph/nodes/0/inputs/2/graph/outputs/0',
  ],
  [
    'shape-mismatch',
    y('cond', ['p', double, call(['x'], 'view', ['x', [2, 2]]), ['x']]),
    "shape '[2, 2]' is invalid for input of size 3",
    '/graph/nodes/0/inputs/2/graph/nodes/0',
  ],
  [
    'shape-mismatch',
    y('while_loop', [below(0), fn(['i', 'x'], [node('z', 'cat', [['x', 'x']])], ['i', 'z']), ['i', 'x']]),
    /pair\[1\] differ in 'shape/,
    '/graph/nodes/0/inputs/1/graph/outputs/1',
  ],
  [
    'invalid-argument',
    y('while_loop', [below(3), fn(['i', 'x'], [next]), ['i', 'x']]),
    'Expected body_fn_output and carried_inputs to have same number of outputs but got 1 and 2',
    '/graph/nodes/0/inputs/1/graph/outputs',
  ],
  [
    'shape-mismatch',
    y('while_loop', [
      below(3),
      fn(['i', 'x'], [next, node('y', 'cat', [['x', 'x']])], ['j', 'y']),
      ['i', 'x'],
    ]),
    "Expected body_fn_output and carried_inputs to have same metadata but found: pair[1] differ in 'shape: torch.Size([6]) vs torch.Size([3])'",
    '/graph/nodes/0/inputs/1/graph/outputs/1',
  ],
  [
    'dtype-mismatch',
    y('while_loop', [below(3), fn(['i', 'x'], [node('j', 'add', ['i', 1.5])], ['j', 'x']), ['i', 'x']]),
    "Expected body_fn_output and carried_inputs to have same metadata but found: pair[0] differ in 'dtype: torch.float64 vs torch.int64'",
    '/graph/nodes/0/inputs/1/graph/outputs/0',
  ],
  [
    'shape-mismatch',
    y('while_loop', [call(['i', 'x'], 'lt', ['x', 3]), square, ['i', 'x']]),
    'Expected cond_fn to return a scalar tensor or a bool but got torch.Size([3]).',
    '/graph/nodes/0/inputs/0/graph/outputs/0',
  ],
  [
    'dtype-mismatch',
    y('while_loop', [call(['i', 'x'], 'add', ['i', 3]), square, ['i', 'x']]),
    'cond_fn must return a boolean scalar tensor or a boolean but got a scalar tensor of torch.int64',
    '/graph/nodes/0/inputs/0/graph/outputs/0',
  ],
  [
    'invalid-argument',
    y('while_loop', [keep, square, ['i', 'x']]),
    'cond_fn must return a boolean scalar tensor or a boolean but got 2 results',
    '/graph/nodes/0/inputs/0/graph/outputs',
  ],
  [
    'limit-exceeded',
    y('while_loop', [below(10), square, ['i', 'w']], { max_iterations: 9 }),
    'while_loop(): cond_fn still holds after 9 iterations, which is the limit (max_iterations)',
    '/graph/nodes/0',
  ],
  [
    'limit-exceeded',
    y('while_loop', [below(10), square, ['i', 'w']], { max_iterations: 1e9 }),
    'while_loop(): max_iterations is 1000000000; the limit is 1000000',
    '/graph/nodes/0',
  ],
  [
    'invalid-argument',
    y('while_loop', [below(10), square, ['i', 'w']], { max_iterations: -1 }),
    'while_loop(): max_iterations must be non-negative, but got -1',
    '/graph/nodes/0',
  ],
  [
    'invalid-argument',
    y('scan', [call(['a', 'b', 'x'], 'mul', ['a', 'x']), ['w', 'w'], 'x']),
    'Expected init and carry to have same number of outputs but got 2 and 1',
    '/graph/nodes/0/inputs/0/graph/outputs',
  ],
  [
    'shape-mismatch',
    y('scan', [fn(['c', 'x'], [node('a', 'stack', [['c', 'c']])], ['a', 'c']), 'w', 'x']),
    "Expected init and carry to have same metadata but found: pair[0] differ in 'shape: torch.Size([]) vs torch.Size([2])'",
    '/graph/nodes/0/inputs/0/graph/outputs/0',
  ],
  [
    'invalid-argument',
    y('scan', [fn(['x'], [], ['x']), [], 'x']),
    'scan() operator requires init leaves.',
    '/graph/nodes/0',
  ],
  [
    'invalid-argument',
    y('scan', [fn(xw, [], xw), 'w', 'x'], { dim: 1 }),
    'Dimension out of range (expected to be in range of [-1, 0], but got 1)',
    '/graph/nodes/0',
  ],
  ...['w', 'none'].map((xs): (typeof rows)[number] => [
    'shape-mismatch',
    y('scan', [fn(xw, [], xw), 'w', xs]),
    "All xs leaves must at least have 'dim' number of dimensions and scan dimension > 0",
    '/graph/nodes/0',
  ]),
  [
    'shape-mismatch',
    y('scan', [fn(['c', 'x', 'm'], [], ['c', 'x', 'm']), 'w', ['x', 'm']]),
    'Scan dimensions of xs must be consistent. Got shapes [torch.Size([3]), torch.Size([2, 2])].',
    '/graph/nodes/0',
  ],
  [
    'invalid-argument',
    y('scan', [fn(xw, [], xw), 'w', 'x'], { reverse: 1 }),
    "scan(): argument 'reverse' must be bool, not int",
    '/graph/nodes/0/attrs/reverse',
  ],
  [
    'shape-mismatch',
    y('map', [double, 'none']),
    'Leading dimensions of mapped xs cannot be 0.',
    '/graph/nodes/0',
  ],
  [
    'shape-mismatch',
    y('map', [double, 'w']),
    'Mapped xs must have at least one dimension.',
    '/graph/nodes/0',
  ],
  [
    'shape-mismatch',
    y('map', [mul, ['x', 'm']]),
    'Leading dimensions of mapped xs must be consistent. Got shapes [torch.Size([3]), torch.Size([2, 2])].',
    '/graph/nodes/0',
  ],
  ['invalid-argument', y('map', [double, []]), 'Mapped xs must not be empty.', '/graph/nodes/0'],
  [
    'invalid-argument',
    y('map', [mul, 'x', 'w', 2]),
    'expected Tensor as element 1 in argument 2, but got int',
    '/graph/nodes/0/inputs/3',
  ],
  [
    'unknown-name',
    y('map', [call(['x'], 'mul', ['x', 'w']), 'x']),
    'The name "w" is neither a leaf nor a node',
    '/graph/nodes/0/inputs/0/graph/nodes/0/inputs/1',
  ],
  [
    'unknown-name',
    y('map', [fn(['x'], [], ['x', 'w']), 'x']),
    'The name "w" is neither a leaf nor a node',
    '/graph/nodes/0/inputs/0/graph/outputs/1',
  ],
  [
    'unknown-name',
    y('map', [fn(['x'], [node('s', 'split', ['x', 1])]), 'm']),
    '"s" has 2 results; name one of them',
    '/graph/nodes/0/inputs/0/graph/outputs/0',
  ],
  [
    'unknown-op',
    y('map', [call(['x'], 'mull'), 'x']),
    'There is no operation "mull"',
    '/graph/nodes/0/inputs/0/graph/nodes/0/op',
  ],
  [
    'duplicate-name',
    y('map', [fn(['x', 'x'], [], ['x']), 'x', 'w']),
    'The name "x" is given twice',
    '/graph/nodes/0/inputs/0/graph/inputs/1',
  ],
  [
    'duplicate-name',
    y('map', [fn(['x'], [node('x', 'neg', ['x'])]), 'x']),
    'The name "x" is given twice: it is a leaf too',
    '/graph/nodes/0/inputs/0/graph/nodes/0/name',
  ],
  [
    'cycle',
    y('map', [fn(['x'], [node('a', 'neg', ['b']), node('b', 'neg', ['a'])]), 'x']),
    /^The nodes form a cycle/,
    '/graph/nodes/0/inputs/0/graph/nodes/0/inputs',
  ],
  [
    'shape-mismatch',
    y('cond', ['p', call(['x', 'm'], 'add'), call(['x', 'm'], 'mul'), ['x', 'm']]),
    /^The size of tensor a \(3\) must match/,
    '/graph/nodes/0/inputs/1/graph/nodes/0',
  ],
  [
    'shape-mismatch',
    y('while_loop', [
      below(3),
      fn(
        ['i', 'x'],
        [next, node('c', 'cond', [true, call(['x'], 'view', ['x', [2, 2]]), double, ['x']])],
        ['j', 'c'],
      ),
      ['i', 'x'],
    ]),
    "shape '[2, 2]' is invalid for input of size 3",
    '/graph/nodes/0/inputs/1/graph/nodes/1/inputs/1/graph/nodes/0',
  ],
  [
    'limit-exceeded',
    y('cond', [true, nested(20), double, ['x']]),
    /deeper than 10 \(MAX_DEPTH\)/,
    '/graph/nodes/0',
  ],
  [
    'limit-exceeded',
    y('map', [
      fn(
        ['x'],
        Array.from({ length: 50 }, (_, i) => node(`n${i}`, 'neg', ['x'])),
      ),
      'x',
    ]),
    'The graph has 51 nodes; the limit is 50 (MAX_NODES)',
    '/graph/nodes/0/inputs/0/graph/nodes',
  ],
  ['invalid-request', y('map', [{ graph: 1 }, 'x']), /expected object/, '/graph/nodes/0/inputs/0/graph'],
  [
    'invalid-request',
    y('map', [fn(['x'], []), 'x']),
    /must not be empty/,
    '/graph/nodes/0/inputs/0/graph/nodes',
  ],
  [
    'invalid-request',
    y('map', [fn(['x'], [], []), 'x']),
    /must not be empty/,
    '/graph/nodes/0/inputs/0/graph/outputs',
  ],
  [
    'invalid-request',
    y('map', [fn(['a b'], [], ['x']), 'x']),
    /must match/,
    '/graph/nodes/0/inputs/0/graph/inputs/0',
  ],
  [
    'invalid-request',
    y('map', [fn(['x'], [{ name: 'y', op: 1 }]), 'x']),
    /expected string/,
    '/graph/nodes/0/inputs/0/graph/nodes/0/op',
  ],
  [
    'invalid-request',
    y('map', [{ graph: { inputs: ['x'], nodes: [], outputs: ['x'], leaves: {} } }, 'x']),
    'Unrecognized key: "leaves"',
    '/graph/nodes/0/inputs/0/graph/leaves',
  ],
];

describe('complaints', () => {
  test.each(rows)('%s %#', async (code, nodes, detail, pointer) => {
    const { status, json, text } = await service.evaluate({ graph: { nodes }, leaves, backward: false });
    expect(status, text).toBe(422);
    if (typeof detail === 'string') expect(json.detail).toBe(detail);
    else expect(json.detail).toMatch(detail);
    expect(json.errors[0].pointer.startsWith(pointer), json.errors[0].pointer).toBe(true);
    expect(json.code).toBe(code);
  });

  test('a name of the graph around is hinted at', async () => {
    const nodes = y('map', [call(['x'], 'mul', ['x', 'w']), 'x']);
    const { json } = await service.evaluate({ graph: { nodes }, leaves });
    expect(json.hint).toMatch(/pass it as an operand/);
  });

  test('faults within functions and around them are found together', async () => {
    const nodes = [...y('map', [call(['x'], 'mull'), 'nope']), node('z', 'add', ['x'])];
    const { json } = await service.evaluate({ graph: { nodes }, leaves });
    expect(json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/graph/nodes/0/inputs/0/graph/nodes/0/op',
      '/graph/nodes/0/inputs/1',
      '/graph/nodes/1',
    ]);
  });

  test.each(['cond(w > 0, x, x)', 'torch.cond(w > 0, x, x)', 'while_loop(x, x, [x])', 'map(abs, x)'])(
    'expressions have no functions: %s',
    async (expression) => {
      const { status, json } = await service.evaluate({ expression, leaves });
      expect(status).toBe(422);
      expect(json.code).toBe('invalid-argument');
      expect(`${json.detail} ${json.hint}`).toMatch(/function/);
    },
  );
});

describe('bounds', () => {
  const forever = call(['i', 'x'], 'ge', ['i', 0]);

  test('an endless loop ends', async () => {
    const nodes = y('while_loop', [forever, keep, ['i', 'x']]);
    const { json } = await service.evaluate({ graph: { nodes }, leaves });
    expect(json.detail).toMatch(/after 10000 iterations/);
  });

  test('a deadline holds in loops', async () => {
    const body = fn(
      ['i', 'x'],
      [node('y', 'while_loop', [forever, keep, ['i', 'x']], { max_iterations: 1e6 })],
      ['y.0', 'y.1'],
    );
    const nodes = y('while_loop', [forever, body, ['i', 'x']], { max_iterations: 1e6 });
    const start = performance.now();
    const { status } = await service.evaluate({ graph: { nodes }, leaves, timeout_ms: 100 });
    expect(status).toBe(504);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('a loop counts against the budget of elements', async () => {
    const nodes = [
      node('z', 'zeros', [[100, 100]]),
      ...y('while_loop', [below(1e6), square, ['i', 'z']], { max_iterations: 1e6 }),
    ];
    const { json } = await service.evaluate({ graph: { nodes }, leaves, backward: false });
    expect(json.detail).toMatch(/MAX_TOTAL_ELEMENTS/);
  });

  test('many slices take time in proportion', async () => {
    const n = 70_000;
    const running = fn(['c', 'x'], [node('a', 'add', ['c', 'x'])], ['a', 'a']);
    const xs = Array.from({ length: n }, (_, i) => i % 7);
    const nodes = [
      node('s', 'scan', [running, 'w', 'x']),
      node('m', 'map', [double, 'x']),
      node('t', 'sum', ['m']),
    ];
    const { json, text } = await service.evaluate({
      graph: { nodes, outputs: ['s.0', 't'] },
      leaves: { w: 0, x: xs },
      backward: { 's.0': 1, t: 1 },
    });
    expect(json.outputs, text.slice(0, 300)).toEqual({ 's.0': json.outputs.t / 2, t: json.outputs.t });
    expect(json.gradients.w).toBe(1);
    expect(json.gradients.x.every((g: number) => g === 3)).toBe(true);
  });

  test('slices without elements are counted', async () => {
    const nodes = [node('z', 'zeros', [[1_000_000_000, 0]]), node('y', 'map', [double, 'z'])];
    const { status, json } = await service.evaluate({ graph: { nodes }, leaves });
    expect(status).toBe(422);
    expect(json.detail).toMatch(/1000000000 slices/);
  });
});
