import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kernelTable, listKernels } from '../../../scripts/build-kernels.mjs';
import { loadKernels } from '../../../src/engine/kernels/load.ts';

const build = (name: string) => new URL(`../../../src/engine/kernels/build/${name}`, import.meta.url);

describe('the build', () => {
  test('exports what the sources declare', () => {
    const { fn } = loadKernels();
    const declared = listKernels().flatMap(({ name, instances }) =>
      instances.map((i) => `${name}_${i.join('_')}`),
    );
    expect(declared.filter((name) => typeof fn[name] !== 'function')).toEqual([]);
    expect(new Set(declared).size).toBe(declared.length);
  });

  test('the table in the README is that of the sources', () => {
    const readme = readFileSync(new URL('../../../src/engine/kernels/README.md', import.meta.url), 'utf8');
    expect(readme.split('<!-- kernels -->\n')[1]).toBe(kernelTable());
  });

  test.each(['kernels.wasm', 'kernels-relaxed.wasm'])('%s imports nothing and stays small', (name) => {
    const bytes = readFileSync(build(name));
    expect(bytes.byteLength).toBeLessThan(600_000);
    if (!WebAssembly.validate(bytes)) return;
    expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([]);
  });

  test('every instance has a memory of its own', () => {
    const [one, other] = [loadKernels(), loadKernels()];
    new Uint8Array(one.memory.buffer)[one.heapBase] = 7;
    expect(new Uint8Array(other.memory.buffer)[other.heapBase]).toBe(0);
  });
});
