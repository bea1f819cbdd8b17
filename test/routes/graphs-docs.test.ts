import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startService } from '../support/service.ts';

const run = promisify(execFile);
const page = readFileSync(new URL('../../docs/static-graphs.md', import.meta.url), 'utf8');

test('the commands of the page are answered as it says', async () => {
  const service = await startService();
  const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)];
  expect(blocks.length).toBeGreaterThan(5);
  for (const [i, [, language, code]] of blocks.entries()) {
    if (language !== 'sh') continue;
    const command = (code as string).replaceAll('http://127.0.0.1:8080', service.base);
    const answer = JSON.parse((await run('sh', ['-c', command])).stdout);
    const next = blocks[i + 1];
    if (next?.[1] === 'json') expect(answer).toEqual(JSON.parse(next[2] as string));
    else expect(answer).toMatchObject({ name: /"name": "(\w+)",\n/.exec(command)?.[1] });
  }
  await service.close();
});
