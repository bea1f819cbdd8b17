import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** A leaf there and back. */
async function back(x: unknown, encoding = 'plain', rest: Record<string, unknown> = {}) {
  const { status, json, text } = await service.evaluate({
    expression: 'x',
    leaves: { x },
    backward: false,
    encoding,
    ...rest,
  });
  expect(status, text).toBe(200);
  return json.value;
}

describe('forms of a tensor', () => {
  test.each([
    [2, 2],
    [true, true],
    [
      [1, 2.5, -3],
      [1, 2.5, -3],
    ],
    [
      [[1], [2]],
      [[1], [2]],
    ],
    [[], []],
    [
      [[], []],
      [[], []],
    ],
    [
      ['NaN', 'Infinity', '-Infinity'],
      ['NaN', 'Infinity', '-Infinity'],
    ],
    [{ data: 'NaN' }, 'NaN'],
    [
      { data: [1, 2, 3, 4], shape: [2, 2] },
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      {
        data: [
          [1, 2],
          [3, 4],
        ],
        shape: [2, 2],
      },
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [{ data: [], shape: [0, 3] }, []],
    [{ data: [5, -6], dtype: 'int32' }, [5, -6]],
    [
      { data: ['9007199254740993', -7, '-9223372036854775808'], dtype: 'int64' },
      ['9007199254740993', -7, '-9223372036854775808'],
    ],
    [{ data: [true, false] }, [true, false]],
    [{ data: 0.1, dtype: 'float32' }, 0.10000000149011612],
    [{ data: 'AACAPwAAAEA=', shape: [2], dtype: 'float32' }, [1, 2]],
    [{ data: 'AQA=', shape: [2, 1], dtype: 'bool' }, [[true], [false]]],
    [{ data: '', shape: [0], dtype: 'float64' }, []],
  ])('%j', async (sent, expected) => {
    expect(await back(sent)).toEqual(expected);
  });

  test('numbers without a dtype take the request’s', async () => {
    expect(await back([1, 2], 'tensor', { dtype: 'int64' })).toEqual({
      dtype: 'int64',
      shape: [2],
      data: [1, 2],
    });
    expect((await back([true], 'tensor', { dtype: 'float32' })).dtype).toBe('bool');
  });
});

test.each([
  ['1e999', 'too large'],
  ['-1e999', 'too large'],
  ['"inf"', 'expected a number'],
  ['{"data": 2147483648, "dtype": "int32"}', 'out of range'],
  ['{"data": "9223372036854775808", "dtype": "int64"}', 'expected a number'],
  ['{"data": 9007199254740993, "dtype": "int64"}', 'out of range'],
  ['{"data": "AAAA", "shape": [1], "dtype": "float32"}', 'base64'],
  ['{"data": "AgA=", "shape": [2], "dtype": "bool"}', '0 or 1'],
  ['{"data": [1], "shape": [-1]}', 'not negative'],
  ['{"data": [1], "shape": [1.5]}', 'whole number'],
  ['{"data": [1], "dtype": "float128"}', 'dtype must be one of'],
  ['{"data": {}}', 'expected a number'],
  ['{"shape": [1]}', 'needs \\"data\\"'],
  ['null', 'expected a number, got null'],
])('%s is refused: %s', async (x, words) => {
  const { status, text } = await service.send(
    'POST',
    '/v1/evaluate',
    `{"expression":"x","leaves":{"x":${x}}}`,
  );
  expect(status).toBe(422);
  expect(text).toContain(words);
});

const doubles = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
  minLength: 1,
  maxLength: 20,
});

test('doubles come back as they were, in every encoding', async () => {
  await fc.assert(
    fc.asyncProperty(doubles, async (numbers) => {
      const clean = numbers.map((x) => (x === 0 ? 0 : x));
      expect(await back(clean)).toEqual(clean);
      expect((await back(clean, 'tensor')).data).toEqual(clean);
      const { data, shape, dtype } = await back(clean, 'base64');
      expect(await back({ data, shape, dtype })).toEqual(clean);
    }),
    { numRuns: 50 },
  );
});

test('a view is written in its own order', async () => {
  const leaves = {
    x: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  };
  for (const encoding of ['plain', 'tensor', 'base64']) {
    const { json } = await service.evaluate({ expression: 'x.T[1:]', leaves, backward: false, encoding });
    const { json: copied } = await service.evaluate({
      expression: 'x.T[1:].clone() * 1',
      leaves,
      backward: false,
      encoding,
    });
    expect(json.value).toEqual(copied.value);
  }
});

test('a huge view is refused where it is returned', async () => {
  const { status, json } = await service.evaluate({
    expression: 'x.expand(100000, 100000)',
    leaves: { x: 1 },
    backward: false,
  });
  expect([status, json.code]).toEqual([422, 'limit-exceeded']);
});
