import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from './support/service.ts';

const run = promisify(execFile);
const folder = resolve(import.meta.dirname, '../examples');
const out = mkdtempSync(join(tmpdir(), 'gradd-examples-'));

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const installed = (command: string, args: string[]): boolean => spawnSync(command, args).status === 0;
const nodeRunsTypes = Number(process.versions.node.split('.')[0]) >= 24;

/** Each example with what it needs, how it is built and how it is run. */
const examples = [
  { file: 'curl.sh', needs: installed('curl', ['--version']), run: ['sh', 'curl.sh'] },
  { file: 'example.py', needs: installed('python3', ['--version']), run: ['python3', 'example.py'] },
  { file: 'Example.java', needs: installed('java', ['--version']), run: ['java', 'Example.java'] },
  {
    file: 'example.pl',
    needs: installed('perl', ['-MJSON::PP', '-MHTTP::Tiny', '-e', '1']),
    run: ['perl', 'example.pl'],
  },
  {
    file: 'example.rs',
    needs: installed('rustc', ['--version']),
    build: ['rustc', '-o', join(out, 'rust'), 'example.rs'],
    run: [join(out, 'rust')],
  },
  {
    file: 'example.c',
    needs: installed('cc', ['--version']),
    build: ['cc', '-Wall', '-Werror', '-o', join(out, 'c'), 'example.c'],
    run: [join(out, 'c')],
  },
  { file: 'example.ts', needs: nodeRunsTypes, run: [process.execPath, 'example.ts'] },
];

const call = ([command, ...args]: string[]) => run(command as string, args, { cwd: folder });

describe('each example whose language is installed prints the same', () => {
  test.each(examples.filter(({ needs }) => needs))('$file', async ({ build, run: command }) => {
    if (build) await call(build);
    const { stdout } = await call([...command, service.base]);
    expect(stdout).toBe('y = 6\ndy/dw = 5\ndy/dx = 2\n');
  });
});

test('the tour', async () => {
  const { stdout } = await run(process.execPath, [join(folder, 'tour.mjs')], {
    env: { ...process.env, BASE_URL: service.base },
  });
  expect(stdout).toContain('value 6   gradients {"w":5,"x":2,"a":2,"b":3}');
  expect(stdout).toContain('0 MulBackward0 y -> [[1,0],[2,0]]');
});
