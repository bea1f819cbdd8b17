import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { bearer, entry, sha256, startLogged } from '../support/access.ts';
import { startService } from '../support/service.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'gradd-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'keys.json');
const write = (text: string): string => {
  writeFileSync(file, text);
  return file;
};
const writeKeys = (...keys: unknown[]): string => write(JSON.stringify({ keys }));

function complaintsOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

const hash = sha256('a-key');

describe('bad settings are named, and no secret with them', () => {
  test.each([
    ['SECRETKEY', 'entry 1: must be name:sha256'],
    [`${entry('a')},SECRETKEY`, 'entry 2: must be name:sha256'],
    ['a:SECRETKEY', 'entry 1, sha256: must be the SHA-256 of the key: 64 hexadecimal digits'],
    [`a:${hash.slice(1)}`, 'entry 1, sha256'],
    [`:${hash}`, 'entry 1, name: a name must be'],
    [`a b:${hash}`, 'entry 1, name: a name must be'],
    [`a:${hash}:SECRETKEY`, 'entry 1, scopes: must be one of evaluate, graphs, metrics'],
    [`a:${hash}:evaluate+SECRETKEY`, 'entry 1, scopes'],
    [`a:${hash}:`, 'entry 1, scopes'],
    [`a:${hash}:evaluate:more`, 'entry 1: must be name:sha256'],
    [`${entry('a')},a:${sha256('b')}`, 'entry 2 has the name of entry 1'],
    [`${entry('a')},b:${hash}`, 'entry 2 has the key of entry 1'],
    [`${entry('a')},b:${hash.toUpperCase()}`, 'entry 2 has the key of entry 1'],
    [`${entry('a')},`, 'entry 2: must be name:sha256'],
  ])('API_KEYS=%s', (API_KEYS, complaint) => {
    const message = complaintsOf({ API_KEYS });
    expect(message).toContain(`  API_KEYS=***: ${complaint}`);
    expect(message).not.toContain('SECRETKEY');
    expect(message).not.toContain(hash.slice(1));
  });

  test.each([
    ['{"keys": [{"name": "SECRETKEY', 'is not JSON'],
    ['[]', 'the file: '],
    ['{}', 'keys: '],
    ['{"keys": {}}', 'keys: '],
    ['{"keys": [5, null]}', 'entry 1: '],
    [`{"keys": [{"name": "a", "sha256": "SECRETKEY"}]}`, 'entry 1, sha256: must be the SHA-256'],
    [`{"keys": [{"name": "a", "sha256": "${hash}", "scopes": []}]}`, 'entry 1, scopes: '],
    [`{"keys": [{"name": "a", "sha256": "${hash}", "scopes": ["SECRETKEY"]}]}`, 'entry 1, scopes, 0: '],
    [`{"keys": [{"name": "a", "sha256": "${hash}", "limit": {}}]}`, 'entry 1: Unrecognized key: "limit"'],
    [
      `{"keys": [{"name": "a", "sha256": "${hash}", "limits": {"MAX_NODE": 1}}]}`,
      'entry 1, limits: Unrecognized key: "MAX_NODE"',
    ],
    [
      `{"keys": [{"name": "a", "sha256": "${hash}", "limits": {"MAX_NODES": 0}}]}`,
      'entry 1, limits, MAX_NODES: ',
    ],
    [
      `{"keys": [{"name": "a", "sha256": "${hash}", "quota": {"requests": 1.5}}]}`,
      'entry 1, quota, requests: ',
    ],
    [
      `{"keys": [{"name": "a", "sha256": "${hash}"}, {"name": "a", "sha256": "${sha256('b')}"}]}`,
      'entry 2 has the name',
    ],
  ])('API_KEYS_FILE with %s', (text, complaint) => {
    const message = complaintsOf({ API_KEYS_FILE: write(text) });
    expect(message).toContain(`  API_KEYS_FILE=${JSON.stringify(file)}: ${complaint}`);
    expect(message).not.toContain('SECRETKEY');
    expect(message).not.toContain(hash);
  });

  test('all of them at once, with every bad entry', () => {
    const message = complaintsOf({
      PORT: 'x',
      API_KEYS: 'a:1,b,c:2',
      API_KEYS_FILE: join(folder, 'nope.json'),
      TRUST_PROXY: '10.0.0.0/99',
      CORS_ORIGINS: 'example.com',
      RATE_LIMIT: '0',
    });
    for (const name of ['PORT', 'TRUST_PROXY', 'CORS_ORIGINS', 'RATE_LIMIT'])
      expect(message).toContain(`  ${name}=`);
    for (const part of ['entry 1, sha256', 'entry 2: ', 'entry 3, sha256', 'cannot be read: ENOENT'])
      expect(message).toContain(part);
  });

  test.each([
    '10.0.0.1/0',
    '10.0.0.1/x',
    '10.0.0.1/8/8',
    'proxy',
    '10.0.0.1,',
    '::1/129',
    'fe80::1%eth0',
    'true',
  ])('TRUST_PROXY=%s', (TRUST_PROXY) => expect(complaintsOf({ TRUST_PROXY })).toContain('TRUST_PROXY'));

  test.each([
    'example.com',
    'https://example.com/',
    'https://a.com,',
    'ftp://a.com',
    'null',
    'https://*.a.com',
  ])('CORS_ORIGINS=%s', (CORS_ORIGINS) => {
    expect(complaintsOf({ CORS_ORIGINS })).toContain('CORS_ORIGINS');
  });

  test('a name or a key in both places stops the start', async () => {
    const config = readConfig({
      API_KEYS: entry('a'),
      API_KEYS_FILE: writeKeys({ name: 'a', sha256: sha256('b') }),
    });
    await expect(buildApp(config)).rejects.toThrow('with API_KEYS, entry 2 has the name of entry 1');
  });
});

test('keys of both places are accepted; no keys at all let nobody in', async () => {
  const both = await startService({
    API_KEYS: entry('a'),
    API_KEYS_FILE: writeKeys({ name: 'b', sha256: sha256('b-key').toUpperCase() }),
  });
  for (const key of ['a-key', 'b-key']) expect((await both.get('/v1/ops', bearer(key))).status).toBe(200);
  await both.close();
  const none = await startService({ API_KEYS_FILE: writeKeys() });
  expect((await none.get('/v1/ops', bearer('a-key'))).status).toBe(401);
  await none.close();
});

test('what a route sees of a client: name, scopes, limits', async () => {
  const limits = { MAX_NODES: 5, TIMEOUT_MS: 100 };
  const app = await buildApp(readConfig({ API_KEYS_FILE: writeKeys({ name: 'a', sha256: hash, limits }) }));
  let seen: unknown;
  app.addHook('preHandler', (request, _reply, done) => {
    seen = request.client;
    done();
  });
  const ask = (headers: Record<string, string>, url = '/v1/ops/add') => app.inject({ url, headers });
  expect((await ask(bearer('a-key'))).statusCode).toBe(200);
  expect(seen).toMatchObject({ name: 'a', scopes: new Set(['evaluate', 'graphs']), limits });
  await ask({}, '/health/live');
  expect(seen).toBeNull();
  await app.close();
});

test('a change of the file is taken on; while it is at fault the keys stay', async () => {
  const path = writeKeys({ name: 'a', sha256: hash });
  const { base, log, close } = await startLogged({ API_KEYS_FILE: path });
  const status = async (key: string): Promise<number> =>
    (await fetch(`${base}/v1/ops/add`, { headers: bearer(key) })).status;
  const until = async (message: string, times: number): Promise<void> => {
    const count = () => log.lines().filter(({ msg }) => String(msg).startsWith(message)).length;
    for (const end = Date.now() + 20_000; count() < times; await new Promise((done) => setTimeout(done, 50)))
      if (Date.now() > end) throw new Error(`not logged: ${message}`);
  };
  expect([await status('a-key'), await status('b-key')]).toEqual([200, 401]);
  write('{"keys": [SECRETKEY');
  await until('API_KEYS_FILE cannot be used', 1);
  expect([await status('a-key'), await status('b-key')]).toEqual([200, 401]);
  writeFileSync(`${path}.new`, JSON.stringify({ keys: [{ name: 'b', sha256: sha256('b-key') }] }));
  renameSync(`${path}.new`, path);
  await until('API_KEYS_FILE was read again', 1);
  expect([await status('a-key'), await status('b-key')]).toEqual([401, 200]);
  rmSync(path);
  await until('API_KEYS_FILE cannot be used', 2);
  expect(await status('b-key')).toBe(200);
  await close();
  expect(log.text()).not.toContain('SECRETKEY');
  expect(log.text()).not.toContain(sha256('b-key'));
});

describe('npm run key', () => {
  const script = join(root, 'scripts/new-key.mjs');

  test('the key it prints is let in by the entries it prints', async () => {
    const text = execFileSync(process.execPath, [script, 'alice', 'metrics'], { encoding: 'utf8' });
    const key = /gradd_[\w-]{43}/.exec(text)?.[0] as string;
    const inEnvironment = /^ {2}(alice:.*)$/m.exec(text)?.[1] as string;
    const inFile = JSON.parse(/^ {2}(\{.*\})$/m.exec(text)?.[1] as string);
    for (const env of [{ API_KEYS: inEnvironment }, { API_KEYS_FILE: writeKeys(inFile) }]) {
      const service = await startService(env);
      expect((await service.get('/metrics', bearer(key))).status).toBe(200);
      expect((await service.get('/v1/ops', bearer(key))).status).toBe(403);
      await service.close();
    }
    const again = execFileSync(process.execPath, [script, 'alice'], { encoding: 'utf8' });
    expect(again).not.toContain(key);
  });

  test.each([[[]], [['a b']], [['a', 'everything']]])('refuses %j', (args) => {
    expect(() => execFileSync(process.execPath, [script, ...args], { stdio: 'pipe' })).toThrow('Usage');
  });
});
