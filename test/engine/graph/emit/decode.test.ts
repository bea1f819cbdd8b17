import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../../../src/engine/graph/emit/bytes.ts';
import { CONSTANT, decodeModule } from '../../../../src/engine/graph/emit/decode.ts';
import { loadKernels } from '../../../../src/engine/kernels/load.ts';

const build = (name: string) =>
  readFileSync(new URL(`../../../../src/engine/kernels/build/${name}`, import.meta.url));

describe.each(['kernels.wasm', 'kernels-relaxed.wasm'])('%s', (name) => {
  const module = decodeModule(build(name));
  const vectors = [...module.exports].filter(([name]) => /^[vm]_.*_f(32|64)$/.test(name));

  test('has functions on vectors', () => {
    expect(vectors.length).toBeGreaterThan(150);
    for (const [, index] of vectors) {
      const { params, results } = module.typeOf(index);
      expect(results).toEqual([0x7b]);
      expect(new Set(params)).toEqual(new Set([0x7b]));
    }
  });

  test('every instruction of them is known, and locals are their own', () => {
    for (const [, index] of vectors) {
      const { size, patches, rest, type, locals } = module.body(index);
      const parts = [...patches.flatMap(({ before, code }) => [before, code]), rest];
      expect(parts.reduce((n, { length }) => n + length, 0)).toBe(size);
      for (const { opcode, index: local } of patches) {
        if (opcode >= 0x20 && opcode <= 0x22) expect(local).toBeLessThan(type.params.length + locals.length);
      }
    }
  });

  test('constants of tables are found', () => {
    const { patches } = module.body(module.exports.get('v_exp_f32') as number);
    const constants = new Set(patches.filter(({ opcode }) => opcode === CONSTANT).map(({ key }) => key));
    expect(constants.size).toBeGreaterThan(8);
  });

  test('sine and cosine call nothing that is not exported', () => {
    const exported = new Set(module.exports.values());
    for (const name of ['v_sin_f32', 'v_sin_f64', 'v_cos_f64']) {
      const { calls } = module.body(module.exports.get(name) as number);
      expect([...calls].filter((index) => !exported.has(index))).toEqual([]);
    }
  });

  test('elementary functions are leaves', () => {
    const leaves = ['exp', 'tanh', 'sigmoid', 'log', 'expm1', 'mul', 'sqrt', 'erf'].flatMap((kernel) =>
      ['f32', 'f64'].map((lane) => `v_${kernel}_${lane}`),
    );
    for (const leaf of leaves) {
      const body = module.body(module.exports.get(leaf) as number);
      expect([leaf, body.calls.size, body.bound]).toEqual([leaf, 0, false]);
    }
  });
});

test('functions on vectors are no kernels', () => {
  const { fn, vectors } = loadKernels();
  expect(Object.keys(fn).filter((name) => /^[vm]_/.test(name))).toEqual([]);
  expect(vectors).toHaveProperty('v_tanh_f32');
});

test('integers are written as they are read', () => {
  const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1];
  const writer = new ByteWriter();
  for (const number of numbers) writer.unsigned(number);
  const reader = new ByteReader(writer.bytes());
  expect(numbers.map(() => reader.unsigned())).toEqual(numbers);
  expect([
    ...new ByteWriter()
      .signed(-1)
      .signed(64)
      .signed(-128)
      .signed(-(2 ** 31))
      .bytes(),
  ]).toEqual([0x7f, 0xc0, 0x00, 0x80, 0x7f, 0x80, 0x80, 0x80, 0x80, 0x78]);
});
