import { beforeEach, describe, expect, test } from 'vitest';
import { call, clear, type DType, get, numbers, output, put, room } from './memory.ts';

beforeEach(clear);

const bySize = [
  [1, 'b8'],
  [4, 'f32'],
  [8, 'f64'],
] as const satisfies [number, DType][];
const idx = (...values: number[]) => put('i64', values);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('checking indices', () => {
  test('the first one out of range', () => {
    expect(call('check_index', idx(0, -3, 2), 3, 3)).toBe(-1);
    expect(call('check_index', idx(0, 3, -4), 3, 3)).toBe(1);
    expect(call('check_index', put('i64', [0, 2n ** 62n]), 2, 3)).toBe(1);
    expect(call('check_index', put('i64', [-(2n ** 63n)]), 1, 3)).toBe(0);
    expect(call('check_index', idx(), 0, 0)).toBe(-1);
  });
  test('negative ones count from the end', () => {
    expect(output('wrap_index', 'i64', 3, idx(-1, 0, -3), 3, 3)).toEqual([2, 0, 0]);
  });
});

describe.each(bySize)('moving elements of %i bytes', (size, dtype) => {
  const kernel = (name: string) => `${name}_${size}`;
  test('index_select', () => {
    const src = put(dtype, range(12));
    expect(output(kernel('index_select'), dtype, 12, src, idx(2, 0, 2), 2, 3, 2, 3)).toEqual([
      4, 5, 0, 1, 4, 5, 10, 11, 6, 7, 10, 11,
    ]);
    expect(output(kernel('index_select'), dtype, 4, src, idx(5, 0), 2, 6, 1, 2)).toEqual([5, 0, 11, 6]);
  });
  test('gather_dim and scatter_dim', () => {
    const src = put(dtype, range(12)),
      at = idx(2, 0, 1, 1, 0, 2, 0, 0);
    expect(output(kernel('gather_dim'), dtype, 8, src, at, 2, 3, 2, 2)).toEqual([4, 1, 2, 3, 6, 11, 6, 7]);
    const out = put(dtype, new Array(6).fill(0));
    call(kernel('scatter_dim'), out, put(dtype, [1, 2, 3, 4]), idx(2, 0, 1, 1), 1, 3, 2, 2);
    expect(get(dtype, out, 6)).toEqual([0, 2, 3, 4, 1, 0]);
  });
  test('take and put', () => {
    expect(output(kernel('take'), dtype, 3, put(dtype, [5, 6, 7]), idx(2, 2, 0), 3)).toEqual([7, 7, 5]);
    const out = put(dtype, [0, 0, 0]);
    call(kernel('put'), out, put(dtype, [1, 2]), idx(2, 0), 2);
    expect(get(dtype, out, 3)).toEqual([2, 0, 1]);
  });
  test('flip and roll', () => {
    const a = put(dtype, range(6));
    expect(output(kernel('flip'), dtype, 6, a, 1, 3, 2)).toEqual([4, 5, 2, 3, 0, 1]);
    expect(output(kernel('flip'), dtype, 6, a, 2, 3, 1)).toEqual([2, 1, 0, 5, 4, 3]);
    expect(output(kernel('roll'), dtype, 6, a, 2, 3, 1, 1)).toEqual([2, 0, 1, 5, 3, 4]);
    expect(output(kernel('roll'), dtype, 6, a, 1, 3, 2, -1)).toEqual([2, 3, 4, 5, 0, 1]);
    expect(output(kernel('roll'), dtype, 6, a, 1, 3, 2, 7)).toEqual([4, 5, 0, 1, 2, 3]);
  });
  test('triangles', () => {
    const a = put(dtype, range(13).slice(1));
    expect(output(kernel('triangle'), dtype, 12, a, 1, 3, 4, 0, 0)).toEqual([
      1, 0, 0, 0, 5, 6, 0, 0, 9, 10, 11, 0,
    ]);
    expect(output(kernel('triangle'), dtype, 12, a, 2, 2, 3, 1, 1)).toEqual([
      0, 2, 3, 0, 0, 6, 0, 8, 9, 0, 0, 12,
    ]);
    expect(output(kernel('triangle'), dtype, 12, a, 1, 3, 4, -9, 0)).toEqual(new Array(12).fill(0));
    expect(output(kernel('triangle'), dtype, 12, a, 1, 3, 4, 2 ** 31 - 1, 0)).toEqual(range(13).slice(1));
  });
});

describe.each(numbers)('adding at indices, %s', (dtype) => {
  test('index_add', () => {
    const out = put(dtype, [1, 1, 1, 1]);
    call(`index_add_${dtype}`, out, put(dtype, [1, 2, 3, 4, 5, 6]), idx(1, 0, 1), 1, 2, 2, 3);
    expect(get(dtype, out, 4)).toEqual([4, 5, 7, 9]);
  });
  test('scatter_add_dim and put_add', () => {
    const out = put(dtype, new Array(6).fill(0));
    call(`scatter_add_dim_${dtype}`, out, put(dtype, [1, 2, 3, 4]), idx(2, 0, 2, 1), 1, 3, 2, 2);
    expect(get(dtype, out, 6)).toEqual([0, 2, 0, 4, 4, 0]);
    call(`put_add_${dtype}`, out, put(dtype, [1, 2, 3]), idx(0, 5, 0), 3);
    expect(get(dtype, out, 6)).toEqual([4, 2, 0, 4, 4, 2]);
  });
});

describe('counting and creating', () => {
  test('nonzero', () => {
    const mask = put('b8', [0, 1, 1, 0, 1]);
    expect(call('count_nonzero_b8', mask, 5)).toBe(3);
    expect(output('nonzero_b8', 'i64', 3, mask, 5)).toEqual([1, 2, 4]);
  });
  test.each(numbers)('arange, linspace, eye of %s', (dtype) => {
    expect(output(`arange_${dtype}`, dtype, 4, 4, 1, 3)).toEqual([1, 4, 7, 10]);
    expect(output(`linspace_${dtype}`, dtype, 5, 5, -2, 2)).toEqual([-2, -1, 0, 1, 2]);
    expect(output(`linspace_${dtype}`, dtype, 1, 1, 3, 9)).toEqual([3]);
    expect(output(`linspace_${dtype}`, dtype, 0, 0, 3, 9)).toEqual([]);
    expect(output(`eye_${dtype}`, dtype, 6, 2, 3)).toEqual([1, 0, 0, 0, 1, 0]);
  });
  test('eye of bools', () => expect(output('eye_b8', 'b8', 4, 2, 2)).toEqual([1, 0, 0, 1]));
  test('an empty output', () => expect(get('f32', room(0), 0)).toEqual([]));
});
