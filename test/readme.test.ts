import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from './support/service.ts';

const run = promisify(execFile);
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const root = resolve(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

interface Block {
  language: string;
  code: string;
}

const blocks: Block[] = [...readme.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, code]) => ({
  language: language as string,
  code: code as string,
}));
const withService = (code: string): string => code.replaceAll('http://127.0.0.1:8080', service.base);

const curls = blocks.flatMap((block, i) =>
  block.code.startsWith('curl') ? [{ ...block, answer: blocks[i + 1] }] : [],
);

describe('the commands that ask the service', () => {
  test.each(curls)('curl %#', async ({ code, answer }) => {
    const { stdout } = await run('sh', ['-c', withService(code)]);
    if (answer?.language === 'json') expect(JSON.parse(stdout)).toEqual(JSON.parse(answer.code));
    else expect(stdout).toContain('The size of tensor a (3) must match the size of tensor b (2)');
  });

  const python = blocks.find(({ language }) => language === 'python') as Block;
  test.runIf(spawnSync('python3', ['--version']).status === 0)('python', async () => {
    const { stdout } = await run('python3', ['-c', withService(python.code)]);
    expect(stdout).toMatch(/^[\d.]+ \[\[/);
  });
});

test('the command line prints what it says', async () => {
  const at = blocks.findIndex(({ code }) => code.startsWith('npx . eval'));
  const { stdout } = await run('sh', ['-c', (blocks[at] as Block).code], { cwd: root });
  expect(stdout).toBe((blocks[at + 1] as Block).code);
});

test('the library example prints what it says', async () => {
  const { code } = blocks.find(({ language }) => language === 'ts') as Block;
  const module = `data:text/javascript,${encodeURIComponent(code.replace("'gradd'", `'${new URL('../dist/engine/index.js', import.meta.url)}'`))}`;
  const { stdout } = await run(process.execPath, [
    '--input-type=module',
    '-e',
    `await import(${JSON.stringify(module)})`,
  ]);
  expect(stdout).toBe('6 5 2\n');
});

test('every npm command is a script of the package', () => {
  const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)].map((match) => match[1] as string);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => name !== 'ci' && !(name in manifest.scripts))).toEqual([]);
});

test('start serves: a process of its own answers and stops on SIGTERM', async () => {
  expect(manifest.scripts.start).toBe('node dist/server.js');
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['dist/server.js'], {
    cwd: root,
    env: { ...process.env, PORT: '0' },
  });
  const lines: string[] = [];
  const port = await new Promise<string>((done) => {
    child.stdout.on('data', (chunk: Buffer) => {
      lines.push(chunk.toString());
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(lines.join(''));
      if (found) done(found[1] as string);
    });
  });
  expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
  const closed = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  expect(await closed).toBe(0);
});

test('bad settings stop the start with a message that names each', () => {
  const env = { ...process.env, PORT: 'x', MAX_NODES: '-1', LOG_LEVEL: 'loud' };
  const { status, stderr } = spawnSync(process.execPath, ['dist/server.js'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  for (const name of ['PORT', 'MAX_NODES', 'LOG_LEVEL']) expect(stderr).toContain(name);
});

const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] as string);
test.each(links)('%s exists', (link) => {
  expect(() => readFileSync(resolve(root, link), 'utf8')).not.toThrow(/ENOENT/);
});

test('the image is built by the files that the README names', () => {
  const dockerfile = readFileSync(resolve(root, 'Dockerfile'), 'utf8');
  expect(dockerfile).toContain('USER node');
  expect(dockerfile).toContain('HEALTHCHECK');
  expect(readFileSync(resolve(root, 'docker-compose.yml'), 'utf8')).toContain('read_only: true');
});
