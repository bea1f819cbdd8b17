import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { limitNames, readKeysFile, scopes } from '../../src/keys.ts';
import { bearer, entry } from '../support/access.ts';
import { type Service, startService } from '../support/service.ts';

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'gradd-keys-'));

let service: Service;
beforeAll(async () => {
  service = await startService({ API_KEYS: `${entry('a', 'graphs')},${entry('b')}`, RATE_LIMIT: '1' });
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the file of the page can be used', () => {
  const path = join(folder, 'keys.json');
  const [, text] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  writeFileSync(path, text as string);
  expect(readKeysFile(path).entries?.map(({ name }) => name)).toEqual(['alice', 'prometheus']);
});

test('the page names every scope, limit and setting that there is', () => {
  for (const name of [...scopes, ...limitNames]) expect(page).toContain(`\`${name}\``);
  const [, proxies] = /TRUST_PROXY=([^`]+)`/.exec(page) ?? [];
  const [, origins] = /CORS_ORIGINS=([^`]+)`/.exec(page) ?? [];
  const config = readConfig({ TRUST_PROXY: proxies, CORS_ORIGINS: origins });
  expect([config.TRUST_PROXY?.length, config.CORS_ORIGINS?.length]).toEqual([2, 2]);
});

test('refusals are answered as the document says, with the headers that it names', async () => {
  const { json: document } = await service.get('/openapi.json');
  const ajv = new Ajv2020({ strict: false, schemas: [{ ...document, $id: 'api' }] });
  const isProblem = ajv.compile({ $ref: 'api#/components/schemas/Problem' });
  const { responses, security } = document.paths['/v1/evaluate'].post;
  const ask = (headers = {}) => service.send('POST', '/v1/evaluate', '{"expression": "1"}', headers);
  const answers = [
    await ask(),
    await ask(bearer('a-key')),
    await ask(bearer('b-key')),
    await ask(bearer('b-key')),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 403, 200, 429]);
  for (const { status, headers, json } of answers) {
    expect(Object.keys(responses)).toContain(String(status));
    if (status === 200) continue;
    expect(isProblem(json), JSON.stringify(isProblem.errors)).toBe(true);
    for (const name of Object.keys(responses[status].headers).filter((each) => !each.includes('Cost')))
      expect(headers[name.toLowerCase()], `${status} ${name}`).toBeDefined();
  }
  expect(security).toEqual([{}, { bearer: ['evaluate'] }, { basic: ['evaluate'] }]);
  expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer', 'basic']);
  expect(document.paths['/health/live'].get.security).toEqual([]);
});
