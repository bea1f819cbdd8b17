import { expect, test } from 'vitest';
import { basic, bearer, entry, sha256, startLogged } from '../support/access.ts';

const warning = 'anyone who reaches this address can use the service';

const warnings = ({ log }: Awaited<ReturnType<typeof startLogged>>) =>
  log.lines().filter(({ level, msg }) => level === 40 && String(msg).startsWith(warning));

test('listening beyond this machine without keys is said once, and what to do about it', async () => {
  const service = await startLogged({}, '0.0.0.0');
  await fetch(`${service.base}/v1/ops/add`);
  const said = warnings(service);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatchObject({ address: '0.0.0.0' });
  for (const setting of ['API_KEYS', 'API_KEYS_FILE', 'HOST']) expect(said[0]?.msg).toContain(setting);
  await service.close();
});

test.each([
  ['on the loopback interface', {}, '127.0.0.1'],
  ['on another loopback address', {}, '127.0.0.2'],
  ['with keys', { API_KEYS: entry('a') }, '0.0.0.0'],
])('nothing is said %s', async (_, env, host) => {
  const service = await startLogged(env as Record<string, string>, host);
  expect(warnings(service)).toEqual([]);
  await service.close();
});

test('no key, hash or password is in a log line, a metric or an answer', async () => {
  const service = await startLogged({
    DEBUG: '2',
    API_KEYS: entry('a', 'evaluate+metrics'),
    RATE_LIMIT: '20',
    STORE_URL: 'redis://user:hunter2@127.0.0.1:1/0',
  });
  const texts: string[] = [];
  const ask = async (path: string, headers: Record<string, string>, method = 'GET'): Promise<void> => {
    const answer = await fetch(`${service.base}${path}`, { headers, method });
    texts.push(JSON.stringify([...answer.headers]), await answer.text());
  };
  for (const headers of [
    bearer('a-key'),
    basic('a', 'a-key'),
    bearer('wrong-key'),
    { authorization: 'wrong-key' },
  ]) {
    for (const path of ['/v1/ops/add', '/v1/graphs', '/metrics', '/openapi.json', '/nope'])
      await ask(path, headers);
    await ask('/v1/graphs', headers, 'POST');
    await ask('/v1/evaluate', headers, 'POST');
  }
  for (let i = 0; i < 20; i++) await ask('/v1/ops/add', bearer('a-key'));
  await ask('/metrics', bearer('a-key'));
  await service.close();
  const all = [service.log.text(), ...texts].join('\n');
  expect(all).toContain('rate-limited');
  const encoded = Buffer.from('a:a-key').toString('base64');
  for (const secret of ['a-key', 'wrong-key', 'hunter2', encoded, sha256('a-key'), sha256('wrong-key')])
    expect(all).not.toContain(secret);
});
