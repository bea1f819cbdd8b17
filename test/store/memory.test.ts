import { expect, test } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { contract, record } from './contract.ts';

const store = await openStore({});
contract(() => store);

test('the memory that graphs may take is bounded, and free again when they go', async () => {
  const small = await openStore({});
  const body = 'x'.repeat(2 ** 26);
  const graphs = Array.from({ length: 4 }, () => record({ body }));
  for (const graph of graphs) await small.put(graph);
  await expect(small.put(record())).rejects.toMatchObject({ code: 'limit-exceeded' });
  await small.delete(graphs[0]?.id ?? '');
  expect((await small.put(record())).status).toBe('created');
});
