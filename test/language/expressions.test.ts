import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, factsOf, GraddError, type Tensor } from '../../src/engine/index.ts';
import { expressionProgram } from '../../src/language/index.ts';

const engine = new Engine();
beforeEach(() => engine.begin({ dtype: 'float64' }));
const limits = { maxLength: 100_000, maxDepth: 64, maxNodes: 100_000 };

function leaves() {
  return new Map([
    ['x', engine.leaf(engine.tensor([1, -2, 3]), true)],
    ['w', engine.leaf(engine.tensor([1, 2, 3, 4, 5, 6], [2, 3]), true)],
    ['s', engine.leaf(engine.tensor(2), true)],
    ['i', engine.tensor([0n, 2n], [2], 'int64')],
    ['relu', engine.tensor(7)],
  ]);
}

function run(text: string) {
  const result = engine.evaluate(expressionProgram(text, limits), leaves(), { backward: false });
  const value = result.outputs.get('value');
  if (value === undefined) throw new Error('no value');
  return { data: engine.elements(value).map((each) => Number(each) + 0) };
}

function gradFn(text: string): string | null {
  const { tensors } = engine.evaluate(expressionProgram(text, limits), leaves(), { backward: false });
  return factsOf(tensors.get('value') as Tensor).grad_fn;
}

function fault(text: string): GraddError {
  try {
    run(text);
  } catch (error) {
    if (error instanceof GraddError) return error;
    throw error;
  }
  throw new Error(`${text} was not refused`);
}

describe('values', () => {
  test.each([
    ['x[0]', [1]],
    ['x[-1]', [3]],
    ['x[1:]', [-2, 3]],
    ['x[::2]', [1, 3]],
    ['x[i]', [1, 3]],
    ['x[[0, 2]]', [1, 3]],
    ['x[[True, False, True]]', [1, 3]],
    ['x[x > 0]', [1, 3]],
    ['w[:, 0]', [1, 4]],
    ['w[..., None].shape[0] * s', [4]],
    ['w.T[0]', [1, 4]],
    ['w.mT[1]', [2, 5]],
    ['w.shape[-1] + s', [5]],
    ['w.size(0) + s', [4]],
    ['w.numel() + s', [8]],
    ['len(w) + w.ndim + w.dim() + s', [8]],
    ['w.max(dim=1).values', [3, 6]],
    ['torch.max(w, 1)[1]', [2, 2]],
    ['w.sum(dim=-1, keepdim=True)[1]', [15]],
    ['torch.cat([x, x])[3]', [1]],
    ['torch.cat((x, x), dim=0)[4]', [-2]],
    ['w.split([1, 2], dim=1)[1][0]', [2, 3]],
    ['w @ x', [6, 12]],
    ['(x @ w.T).sum()', [18]],
    ['F.relu(x)', [1, 0, 3]],
    ['torch.nn.functional.relu(x)', [1, 0, 3]],
    ['relu', [7]],
    ['x.relu()', [1, 0, 3]],
    ['torch.linalg.vector_norm(x, 1)', [6]],
    ['torch.where(x > 0, x, 0)', [1, 0, 3]],
    ['x.clamp(min=0)', [1, 0, 3]],
    ['abs(x)', [1, 2, 3]],
    ['torch.pi * s / math.pi', [2]],
    ['x.to(torch.int64)', [1, -2, 3]],
    ['torch.zeros(2, dtype=torch.float32)', [0, 0]],
    ["x * float('inf') > 0", [1, 0, 1]],
    ['~(x > 0)', [0, 1, 0]],
    ['(x > 0) & (x < 2)', [1, 0, 0]],
    ['(x > 0) | (x < -1)', [1, 1, 1]],
    ['1 < s <= 2', [1]],
    ['s and x', [1, -2, 3]],
    ['not s', [0]],
    ['2 ** x', [2, 0.25, 8]],
    ['2. * x + 1.', [3, -3, 7]],
    ['x // 2', [0, -1, 1]],
    ['x % 2', [1, 0, 1]],
    ['7 % x', [0, -1, 1]],
    ['x.view(3, 1).expand(3, 2)[1]', [-2, -2]],
    ['x.reshape((1, 3))[0]', [1, -2, 3]],
  ])('%s', (text, data) => {
    expect(run(text).data).toEqual(data);
  });
});

test.each([
  ['1 - x', 'RsubBackward1'],
  ['x - 1', 'SubBackward0'],
  ['2 / x', 'MulBackward0'],
  ['x / 2', 'DivBackward0'],
  ['2 ** x', 'PowBackward2'],
  ['x ** 2', 'PowBackward0'],
  ['x ** s', 'PowBackward1'],
  ['-x', 'NegBackward0'],
  ['+x', null],
  ['x % 2', 'RemainderBackward0'],
  ['x @ x', 'DotBackward0'],
  ['w.T', 'PermuteBackward0'],
  ['w.mT', 'TransposeBackward0'],
  ['x[:]', 'SliceBackward0'],
  ['x[...]', 'AliasBackward0'],
])('%s records %s', (text, name) => {
  expect(gradFn(text)).toBe(name);
});

test.each([
  ['x + q', 'unknown-name', 1, 5],
  ['x +\ny', 'syntax-error', 1, 4],
  ['(x +\n  qq)', 'unknown-name', 2, 3],
  ['torch.nope(x)', 'unknown-op', 1, 7],
  ['torch.nope', 'unknown-name', 1, 7],
  ['x.foo()', 'unknown-op', 1, 3],
  ['x.foo', 'unknown-name', 1, 3],
  ['x.__class__', 'unknown-name', 1, 3],
  ['x.add_(1)', 'unknown-op', 1, 3],
  ['x.data', 'unknown-op', 1, 3],
  ['x.numpy()', 'unknown-op', 1, 3],
  ['constructor', 'unknown-name', 1, 1],
  ['torch.constructor', 'unknown-name', 1, 7],
  ['open("f")', 'unknown-op', 1, 1],
  ['  x + (1', 'syntax-error', 1, 7],
  ['f(x=1, 2)', 'syntax-error', 1, 8],
  ['torch.sum(x, dim=0, dim=0)', 'syntax-error', 1, 21],
  ['torch.sum(*x)', 'syntax-error', 1, 11],
  ['x if s else x', 'syntax-error', 1, 1],
  ['w @ w', 'shape-mismatch', 1, 3],
  ['x[5]', 'invalid-argument', 1, 2],
  ['math.sqrt(x)', 'invalid-argument', 1, 6],
  ['(x, x)', 'invalid-request', 1, 1],
  ['x or s', 'invalid-argument', 1, 3],
  ["'a' * x", 'invalid-argument', 1, 5],
  ['torch.add(x, x, out=x)', 'invalid-argument', 1, 7],
  ['torch.no_grad()', 'unknown-op', 1, 7],
  ['torch.tensor(1)', 'unknown-op', 1, 7],
  ['x.requires_grad_()', 'unknown-op', 1, 3],
  ['x.grad_fn', 'unknown-name', 1, 3],
  ['x.shape.index(3)', 'unknown-op', 1, 9],
  ["'a'.upper()", 'unknown-op', 1, 5],
  ['abs.__name__', 'unknown-name', 1, 5],
  ['max.__class__', 'unknown-name', 1, 5],
  ['float(x)', 'invalid-argument', 1, 1],
  ['x is x', 'syntax-error', 1, 3],
  ['1 in x', 'syntax-error', 1, 3],
  ['x = 1', 'syntax-error', 1, 1],
  ['(y := x)', 'syntax-error', 1, 2],
  ["f'{x}'", 'syntax-error', 1, 1],
  ['x\nx', 'syntax-error', 2, 1],
  ['# nothing', 'syntax-error', 1, 1],
  ['1 / 0', 'invalid-argument', 1, 3],
])('%j is refused with %s at %i:%i', (text, code, line, column) => {
  const error = fault(text);
  expect(error.code).toBe(code);
  expect(error.faults[0]).toMatchObject({ path: ['expression'], line, column });
});

test('every unknown name is listed', () => {
  expect(fault('p + q * x - p').faults.map(({ column }) => column)).toEqual([1, 5]);
});

test('a long chain of operators', () => {
  expect(run(`x${' + x'.repeat(500)}`).data).toEqual([501, -1002, 1503]);
  expect(run(Array.from({ length: 500 }, () => 's').join('*0+')).data).toEqual([2]);
  expect(run(`${'-'.repeat(1000)}x`).data).toEqual([1, -2, 3]);
});

test('limits', () => {
  expect(fault(`${'('.repeat(100)}x${')'.repeat(100)}`).message).toContain('MAX_DEPTH');
  expect(fault(' '.repeat(100_001)).message).toContain('MAX_EXPRESSION_LENGTH');
  expect(fault(`x${' + x'.repeat(5000)}`).message).toContain('operators in one chain');
  expect(fault('1 << 10 ** 9').code).toBe('limit-exceeded');
  expect(fault("'a' * 10 ** 9").code).toBe('limit-exceeded');
  expect(fault('[1] * 10 ** 9').code).toBe('limit-exceeded');
});

test('chains within brackets end in an answer or a limit', () => {
  const nested = (depth: number, link: string, count: number): string =>
    depth === 0 ? 'x' : `(${nested(depth - 1, link, count)}${link.repeat(count)})`;
  expect(run(nested(60, ' * 1', 5)).data).toEqual([1, -2, 3]);
  for (const link of ['.T', '+x', '[:]']) {
    try {
      run(nested(60, link, 500));
    } catch (error) {
      expect((error as GraddError).code).toBe('limit-exceeded');
    }
  }
});

test('no text crashes the parser', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(...'x()[]{}:,.+-*/%@&|^~<>=!"\'#\n\\ 1e_ft'), maxLength: 40 }),
  );
  fc.assert(
    fc.property(text, (each) => {
      engine.begin({ dtype: 'float64' });
      try {
        run(each);
      } catch (error) {
        expect(error).toBeInstanceOf(GraddError);
      }
    }),
    { numRuns: 5000 },
  );
});
