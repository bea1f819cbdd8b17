import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configSchema } from '../../src/config.ts';
import { type Any, documents, root, variables } from './manifests.ts';

const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const [compose] = documents('docker-compose.yml');
const services: [string, Any][] = Object.entries(compose.services);
const nginx = readFileSync(join(root, 'deploy/nginx/nginx.conf'), 'utf8');
const own = services.filter(([, { image }]) => image === 'gradd');
const settings = Object.keys(configSchema.shape);
const fallback = (name: string): number => (configSchema.parse({}) as Any)[name];

test('without a profile there is one container', () => {
  expect(services.filter(([, { profiles }]) => !profiles).map(([name]) => name)).toEqual(['gradd']);
});

test.each(services)('%s is confined and bounded', (_, service) => {
  expect(service).toMatchObject({
    read_only: true,
    init: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    restart: 'unless-stopped',
  });
  for (const bound of ['mem_limit', 'memswap_limit', 'pids_limit', 'stop_grace_period'])
    expect(service).toHaveProperty(bound);
  expect(service.memswap_limit).toBe(service.mem_limit);
});

test.each(services.filter(([, { build }]) => !build))(
  '%s: image with a version, user, health',
  (_, service) => {
    expect(service.image).toMatch(/:v?\d+\.\d+[\w.-]*$/);
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    expect(service.healthcheck.test.length).toBeGreaterThan(1);
  },
);

test('nothing is published but on the address that was asked for', () => {
  for (const [, { ports = [] }] of services)
    for (const port of ports) expect(port).toMatch(/^(127\.0\.0\.1|\$\{GRADD_BIND:-127\.0\.0\.1\}):/);
  expect(compose.services.valkey.ports).toBeUndefined();
  expect(compose.services.replica.ports).toBeUndefined();
  expect(compose.networks.store.internal).toBe(true);
});

test('files that are mounted exist', () => {
  const mounted = services.flatMap(([, { volumes = [] }]) => volumes as string[]);
  const paths = mounted.filter((each) => each.startsWith('./')).map((each) => each.split(':')[0] as string);
  expect(paths.length).toBeGreaterThan(0);
  for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true);
  for (const path of mounted.filter((each) => each.startsWith('./'))) expect(path).toMatch(/:ro$/);
});

test('volumes and networks are declared', () => {
  const used = services.flatMap(([, { volumes = [] }]) => volumes as string[]);
  const named = used.map((each) => each.split(':')[0] as string).filter((each) => !each.startsWith('.'));
  expect(new Set(named)).toEqual(new Set(Object.keys(compose.volumes)));
});

test('a service waits for services of its own profile', () => {
  for (const [, { depends_on = {}, profiles }] of services)
    for (const other of Object.keys(depends_on)) expect(compose.services[other].profiles).toEqual(profiles);
});

test('every variable has an example, and every example is a variable', () => {
  const used = new Set([...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name));
  expect(new Set(variables('.env.example'))).toEqual(used);
});

test('what is set is a setting of the service', () => {
  expect(own.map(([name]) => name)).toEqual(['gradd', 'replica']);
  const names = own.flatMap(([, { environment }]) => Object.keys(environment));
  for (const name of [...names, ...variables('gradd.env.example', true)]) expect(settings).toContain(name);
});

test('containers are given the time that the service takes to end', () => {
  for (const [, { environment, stop_grace_period }] of own)
    expect(Number.parseInt(stop_grace_period, 10) * 1000).toBeGreaterThan(environment.SHUTDOWN_TIMEOUT_MS);
});

test('the bounds of the gateway follow those of the service', () => {
  const figure = (name: string): number => Number(new RegExp(`\\b${name} (\\d+)`).exec(nginx)?.[1]);
  const body = figure('client_max_body_size') * 2 ** 20;
  expect(body).toBeGreaterThan(fallback('MAX_BODY_BYTES'));
  expect(body).toBeLessThan(1.1 * fallback('MAX_BODY_BYTES'));
  expect(figure('proxy_read_timeout') * 1000).toBeGreaterThan(fallback('TIMEOUT_MS'));
  const [upstream] = /upstream gradd \{[^}]*\}/.exec(nginx) as RegExpExecArray;
  const idle = Number(/keepalive_timeout (\d+)/.exec(upstream)?.[1]);
  expect(idle * 1000).toBeLessThan(fallback('KEEP_ALIVE_TIMEOUT_MS'));
  expect(upstream).toContain('server replica:8080 resolve');
});

test('only what changes nothing is repeated after it was sent', () => {
  const locations = [...nginx.matchAll(/location ([^{]+) \{([^}]*)\}/g)];
  const repeated = locations.filter(([, , body]) => /non_idempotent/.test(body as string));
  expect(repeated.map(([, path]) => path)).toEqual([
    '= /v1/evaluate',
    '~ ^/v1/graphs/[^/]+/(evaluate|batch)$',
  ]);
  const [, limit] = /proxy_next_upstream_timeout (\d+)s/.exec(nginx) as RegExpExecArray;
  expect(Number(limit) * 1000).toBeLessThan(fallback('TIMEOUT_MS'));
});
