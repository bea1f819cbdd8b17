import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  breaksOf,
  collapse,
  isVectorAccess,
  memoryDims,
  stridesAlong,
} from '../../../../src/engine/graph/static/access.ts';
import { newBuffer, View } from '../../../../src/engine/graph/static/ir.ts';
import { contiguousLayout, stridedLayout } from '../../../../src/engine/tensor/layout.ts';

/** The offset of every element that a loop goes over, in order. */
function walk(sizes: readonly number[], strides: readonly number[]): number[] {
  let offsets = [0];
  sizes.forEach((size, d) => {
    const stride = strides[d] as number;
    offsets = offsets.flatMap((offset) => Array.from({ length: size }, (_, i) => offset + i * stride));
  });
  return offsets;
}

/** Strides of a view: some dimensions follow on each other, some are broadcast, some jump. */
const access = (sizes: readonly number[]) =>
  fc
    .array(fc.constantFrom('next', 'next', 'next', 'zero', 'jump'), {
      minLength: sizes.length,
      maxLength: sizes.length,
    })
    .map((kinds) => {
      const strides: number[] = [];
      let step = 1;
      for (let d = sizes.length - 1; d >= 0; d--) {
        const kind = kinds[d] as string;
        if (kind === 'jump') step *= 3;
        strides.unshift(kind === 'zero' ? 0 : step);
        if (kind !== 'zero') step *= sizes[d] as number;
      }
      return strides;
    });

const loops = fc
  .array(fc.integer({ min: 2, max: 4 }), { minLength: 0, maxLength: 5 })
  .chain((sizes) => fc.tuple(fc.constant(sizes), fc.array(access(sizes), { minLength: 1, maxLength: 3 })));

test('a collapsed loop reads every view as the whole loop does', () => {
  fc.assert(
    fc.property(loops, ([sizes, views]) => {
      const breaks = new Set(views.flatMap((strides) => breaksOf(strides, sizes)));
      const { shape, pick } = collapse(sizes, breaks);
      expect(shape.length).toBe(sizes.length === 0 ? 0 : breaks.size + 1);
      for (const strides of views) expect(walk(shape, pick(strides))).toEqual(walk(sizes, strides));
    }),
    { numRuns: 500 },
  );
});

test('a contiguous view needs one level', () => {
  const { strides, shape } = contiguousLayout([2, 3, 4]);
  expect(breaksOf(strides, shape)).toEqual([]);
  expect(collapse(shape, new Set()).shape).toEqual([24]);
});

test('the dimensions of memory are those of more than one element, the outermost first', () => {
  expect(memoryDims(stridedLayout([2, 1, 3, 4], [1, 99, 8, 2]))).toEqual([2, 3, 0]);
  expect(memoryDims(contiguousLayout([]))).toEqual([]);
});

test('a view is read along the dimensions of another layout', () => {
  const row = new View(newBuffer('float64', 3, { kind: 'computed' }), contiguousLayout([3]), 0);
  expect(stridesAlong(row, contiguousLayout([2, 3]), [0, 1])).toEqual([0, 1]);
  expect(stridesAlong(row, stridedLayout([2, 3], [1, 2]), [1, 0])).toEqual([1, 0]);
});

test('vectors are loaded where neighbours are neighbours in memory, or the same', () => {
  expect([[], [5, 1], [1, 0], [1, 2], [1, -1]].map(isVectorAccess)).toEqual([true, true, true, false, false]);
});
