import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complaint, node, ok, register, scalar, scalars, textbook } from '../support/graphs.ts';
import { type Service, startService } from '../support/service.ts';

let service: Service;
let g: string;
beforeAll(async () => {
  service = await startService();
  g = await register(service, { graph: textbook, inputs: scalars });
});
afterAll(() => service.close());

const batch = (path: string, body: unknown) => service.post(`${path}/batch`, body);
const base64 = (...numbers: number[]) => ({
  data: Buffer.from(new Float64Array(numbers).buffer).toString('base64'),
  shape: [numbers.length],
  dtype: 'float64',
});

describe('a batch', () => {
  test('is stacked along its rows', async () => {
    const answer = ok(await batch(g, { leaves: { w: [1, 2, 3], x: [2, 2, 2] } }));
    expect([answer.value, answer.outputs]).toEqual([[6, 12, 20], { y: [6, 12, 20] }]);
    expect(answer.gradients).toEqual({ w: [5, 7, 9], x: [2, 3, 4] });
    expect(answer).not.toHaveProperty('rows');
    expect(answer).not.toHaveProperty('errors');
    const one = ok(await service.post(`${g}/evaluate`, { leaves: { w: 1, x: 2 } }));
    expect([answer.tensors, answer.trace]).toEqual([one.tensors, one.trace]);
  });

  test.each(['static', 'dynamic'])('%s: the gradient of a leaf without rows is the sum', async (mode) => {
    const { value, gradients } = ok(await batch(g, { leaves: { w: 1, x: [2, 3, 4] }, mode }));
    expect([value, gradients]).toEqual([[6, 8, 10], { w: 5 + 6 + 7, x: [2, 2, 2] }]);
  });

  test('of one row', async () => {
    expect(ok(await batch(g, { leaves: { w: [1], x: 2 } })).value).toEqual([6]);
  });

  test('has the fields of an evaluation', async () => {
    const leaves = { w: [1, 2], x: 2 };
    const some = ok(
      await batch(g, { leaves, outputs: ['b', 'y'], retain_grad: ['a'], backward: true, trace: false }),
    );
    expect(some).not.toHaveProperty('trace');
    expect([some.outputs, some.gradients]).toEqual([
      { b: [2, 3], y: [6, 12] },
      { w: [1, 1], x: null, a: null },
    ]);
    const none = ok(await batch(g, { leaves, backward: false }));
    expect(none).not.toHaveProperty('gradients');
    const encoded = ok(await batch(g, { leaves: { w: base64(1, 2), x: base64(2, 2) }, encoding: 'base64' }));
    expect([encoded.value, encoded.gradients.w]).toEqual([base64(6, 12), base64(5, 7)]);
    const shown = ok(await batch(g, { leaves, encoding: 'tensor' }));
    expect(shown.value).toEqual({ dtype: 'float64', shape: [2], data: [6, 12] });
  });

  test('of 100,000 rows', async () => {
    const numbers = Array.from({ length: 100_000 }, (_, i) => i / 8);
    const leaves = { w: base64(...numbers), x: 2 };
    const { value, gradients } = ok(await batch(g, { leaves, encoding: 'base64' }));
    expect(value).toEqual(base64(...numbers.map((w) => (2 + w) * (w + 1))));
    expect(gradients.w).toEqual(base64(...numbers.map((w) => 2 * w + 3)));
    const sum = numbers.reduce((total, w) => total + w + 1, 0);
    expect(Buffer.from(gradients.x.data, 'base64').readDoubleLE() / sum).toBeCloseTo(1, 12);
  });

  test('of tensors, with named dimensions', async () => {
    const path = await register(service, {
      expression: '(x @ w).sum()',
      inputs: { x: { shape: ['n', 2] }, w: { shape: [2] } },
    });
    const x = [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
    ];
    const { value, gradients } = ok(await batch(path, { leaves: { x, w: [10, 1] } }));
    expect(value).toEqual([12 + 34 + 56, 0 + 11 + 22]);
    expect(gradients).toEqual({ x: x.map((row) => row.map(() => [10, 1])), w: [9 + 3, 12 + 3] });
    const fail = await batch(path, {
      leaves: {
        x,
        w: [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
      },
    });
    expect(fail.json.detail).toBe('expected 2 rows as "x" has, got 3');
  });

  test('given gradients may have a value for each row', async () => {
    const leaves = { w: [1, 2], x: [2, 2] };
    const shared = ok(await batch(g, { leaves, backward: { y: 10, a: null } }));
    expect(shared.gradients).toEqual({ w: [51, 71], x: [21, 31] });
    const each = ok(await batch(g, { leaves, backward: { y: [10, 100] } }));
    expect(each.gradients).toEqual({ w: [50, 700], x: [20, 300] });
    expect(complaint(await batch(g, { leaves, backward: { y: [1, 2, 3] } }))).toEqual([
      422,
      'shape-mismatch',
      '/backward/y',
    ]);
    const vectors = await register(service, { expression: 'x * 2', inputs: { x: { shape: [2] } } });
    const both = {
      leaves: {
        x: [
          [1, 2],
          [3, 4],
        ],
      },
      backward: { value: [1, 10] },
    };
    expect(ok(await batch(vectors, both)).gradients.x).toEqual([
      [2, 20],
      [2, 20],
    ]);
  });

  test('feeds have a value for each row', async () => {
    const { value, gradients } = ok(await batch(g, { leaves: { a: [3, 4], w: 1 } }));
    expect([value, gradients]).toEqual([[6, 8], { a: [2, 2], w: 7 }]);
    expect(complaint(await batch(g, { leaves: { a: 3, w: [1, 2] } }))).toEqual([
      422,
      'shape-mismatch',
      '/leaves/a',
    ]);
  });

  test('constants are shared', async () => {
    const path = await register(service, { graph: textbook, inputs: { x: scalar }, constants: { w: 1 } });
    const { value, gradients } = ok(await batch(path, { leaves: { x: [1, 2] } }));
    expect([value, gradients]).toEqual([[4, 6], { x: [2, 2], w: null }]);
  });

  test('equals its rows evaluated one by one', async () => {
    const path = await register(service, {
      graph: {
        nodes: [node('h', 'tanh', 'u'), node('u', 'matmul', 'w', 'x'), node('y', 'sum', 'h')],
        outputs: ['y', 'h'],
      },
      inputs: { w: { shape: [3, 2] }, x: { shape: [2] } },
    });
    const w = [
      [0.1, 0.2],
      [0.3, -0.4],
      [0.5, 0.6],
    ];
    const x = Array.from({ length: 9 }, (_, i) => [i / 3, 1 - i / 5]);
    const all = ok(await batch(path, { leaves: { w, x } }));
    for (const [i, row] of x.entries()) {
      const one = ok(await service.post(`${path}/evaluate`, { leaves: { w, x: row } }));
      expect(all.value[i]).toBeCloseTo(one.value, 12);
      one.outputs.h.forEach((v: number, j: number) => {
        expect(all.outputs.h[i][j]).toBeCloseTo(v, 12);
      });
      one.gradients.x.forEach((v: number, j: number) => {
        expect(all.gradients.x[i][j]).toBeCloseTo(v, 12);
      });
    }
  });
});

describe('faults of a batch', () => {
  test.each([
    ['invalid-request', { leaves: { w: 1, x: 2 } }, '/leaves'],
    ['invalid-request', { leaves: { w: [], x: [] } }, '/leaves/w'],
    ['invalid-request', { leaves: { w: [1] } }, '/leaves/x'],
    ['invalid-request', { leaves: { w: [1], x: 1 }, on_error: 'stop' }, '/on_error'],
    ['invalid-request', { leaves: { w: [1, 2], x: [1, null] } }, '/leaves/x/1'],
    ['shape-mismatch', { leaves: { w: [[1]], x: 1 } }, '/leaves/w'],
    ['shape-mismatch', { leaves: { w: [1, 2], x: [1, 2, 3] } }, '/leaves/x'],
    ['unknown-name', { leaves: { w: [1], x: 1, z: 1 } }, '/leaves/z'],
    ['dtype-mismatch', { leaves: { w: [true], x: 1 } }, '/leaves/w'],
  ])('%s: %j', async (code, body, pointer) => {
    expect(complaint(await batch(g, body))).toEqual([422, code, pointer]);
  });

  test('a row that fails fails the request, and is named', async () => {
    const path = await register(service, {
      graph: { nodes: [node('y', 'index_select', 'x', 0, 'i'), node('s', 'sum', 'y')] },
      inputs: { x: { shape: [3] }, i: { shape: [1], dtype: 'int64' } },
    });
    const leaves = { x: [1, 2, 3], i: [[0], [1], [7], [9]] };
    const answer = await batch(path, { leaves });
    expect(complaint(answer)).toEqual([422, 'invalid-argument', '/graph/nodes/0']);
    expect(answer.json.detail).toMatch(/^row 2: .*out of range/);
  });
});

describe('on_error: skip', () => {
  test('leaves out rows whose JSON is wrong', async () => {
    const x = [1, null, 3, 'a', [1], 6, '1'];
    const answer = ok(await batch(g, { leaves: { w: 1, x }, on_error: 'skip' }));
    expect(answer).toMatchObject({ value: [4, 8, 14], gradients: { w: 3 + 5 + 8 - 2 + 5, x: [2, 2, 2] } });
    expect(answer.rows).toEqual([0, 2, 5]);
    expect(answer.errors.map(({ row }: { row: number }) => row)).toEqual([1, 3, 4, 6]);
    expect(answer.errors[0]).toEqual({
      row: 1,
      code: 'invalid-request',
      detail: 'expected a number, got null',
      errors: [{ pointer: '/leaves/x/1', detail: 'expected a number, got null' }],
    });
  });

  test('leaves out rows that fail as they run', async () => {
    const path = await register(service, {
      graph: { nodes: [node('y', 'index_select', 'x', 0, 'i'), node('s', 'sum', 'y')] },
      inputs: { x: { shape: [3] }, i: { shape: [1], dtype: 'int64' } },
    });
    const leaves = { x: [1, 2, 3], i: [[0], [7], [1], [null], [2], [2, 2]] };
    const answer = ok(await batch(path, { leaves, on_error: 'skip' }));
    expect([answer.value, answer.gradients, answer.rows]).toEqual([
      [1, 2, 3],
      { x: [1, 1, 1], i: null },
      [0, 2, 4],
    ]);
    expect(answer.errors.map(({ row, code }: { row: number; code: string }) => [row, code])).toEqual([
      [1, 'invalid-argument'],
      [3, 'invalid-request'],
      [5, 'shape-mismatch'],
    ]);
    expect(answer.errors[0].errors[0].pointer).toBe('/graph/nodes/0');
    expect(answer.errors[2].errors[0].pointer).toBe('/leaves/i/5');
  });

  test('says nothing of rows where all are well', async () => {
    const answer = ok(await batch(g, { leaves: { w: 1, x: [1, 2] }, on_error: 'skip' }));
    expect(Object.keys(answer)).toEqual(['value', 'outputs', 'gradients', 'tensors', 'trace']);
  });

  test('also of several leaves, nested, flat, and of the first row', async () => {
    const path = await register(service, {
      expression: '(x * w).sum()',
      inputs: { x: { shape: [2] }, w: { shape: [2] } },
    });
    const x = { data: [1, null, 3, 4, 5, 6, 7, 8], shape: [4, 2] };
    const w = [[1, 1], [1], [1, 1], [1, 'x']];
    const answer = ok(await batch(path, { leaves: { x, w }, on_error: 'skip' }));
    expect([answer.value, answer.rows]).toEqual([[11], [2]]);
    const pointers = answer.errors.map(({ errors }: { errors: { pointer: string }[] }) => errors[0]?.pointer);
    expect(pointers).toEqual(['/leaves/x/data/1', '/leaves/w/1', '/leaves/w/3/1']);
    const first = ok(await batch(path, { leaves: { x: [null, [1, 2]], w: [1, 1] }, on_error: 'skip' }));
    expect([first.value, first.rows]).toEqual([[3], [1]]);
  });

  test('with given gradients for each row', async () => {
    const body = { leaves: { w: [1, null, 2], x: 2 }, backward: { y: [10, 20, 30] }, on_error: 'skip' };
    expect(ok(await batch(g, body)).gradients.w).toEqual([50, 210]);
  });

  test('of no row at all', async () => {
    const answer = ok(await batch(g, { leaves: { w: 1, x: [null, null] }, on_error: 'skip' }));
    expect(answer).toMatchObject({ value: null, outputs: {}, rows: [], errors: [{ row: 0 }, { row: 1 }] });
  });

  test('a leaf without rows is not skipped over', async () => {
    const path = await register(service, {
      expression: '(x * w).sum()',
      inputs: { x: { shape: [2] }, w: { shape: [2] } },
    });
    const body = { leaves: { x: [[1, 2]], w: [1, null] }, on_error: 'skip' };
    expect(complaint(await batch(path, body))).toEqual([422, 'invalid-request', '/leaves/w/1']);
    const fault = {
      leaves: {
        x: {
          data: [
            [1, 2],
            [null, 2],
          ],
          more: 1,
        },
        w: [1, 1],
      },
      on_error: 'skip',
    };
    expect(complaint(await batch(path, fault))).toEqual([422, 'invalid-request', '/leaves/x/more']);
  });

  test('more bad rows than faults are listed elsewhere', async () => {
    const x = Array.from({ length: 3000 }, (_, i) => (i % 2 === 0 ? 1 : null));
    const answer = ok(await batch(g, { leaves: { w: 1, x }, on_error: 'skip', trace: false }));
    expect(answer.rows).toHaveLength(1500);
    expect(answer.errors).toHaveLength(1000);
  });
});
