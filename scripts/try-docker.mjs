/**
 * Builds the image and runs what docker-compose.yml describes, one container and then replicas behind the gateway, and
 * prints what was seen. Exits with 1 where something is not as it should be, or there is no engine to try it with.
 *
 *   node scripts/try-docker.mjs [--network NAME] [--no-build] [--seconds N]
 *
 * --network: the network of the build, for engines whose builds have none (host). The containers and volumes are of a
 * compose project of its own, on ports of its own, and are removed in the end.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';

const root = resolve(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    network: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
  },
});
const seconds = Number(options.seconds);
const [SINGLE, GATEWAY] = ['18080', '18000'];
const env = {
  ...process.env,
  COMPOSE_PROJECT_NAME: 'gradd-try',
  GRADD_BIND: '127.0.0.1',
  GRADD_PORT: SINGLE,
  GATEWAY_PORT: GATEWAY,
  GRADD_MEMORY: '1g',
  VALKEY_PASSWORD: randomBytes(16).toString('hex'),
};

function docker(...args) {
  const { status, stdout, stderr } = spawnSync('docker', args, { cwd: root, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}:\n${stderr}`);
  return stdout.trim();
}
const compose = (...args) => docker('compose', '--profile', 'scale', ...args);
const inspect = (name) => JSON.parse(docker('inspect', name))[0];

const rows = [];
/** Notes what was seen; `good` undefined: only a figure. */
function saw(what, value, good) {
  rows.push({ what, value: String(value), good });
  console.log(`${good === undefined ? '    ' : good ? 'ok  ' : 'BAD '} ${what}: ${value}`);
}

const bodies = {
  textbook: { expression: '(x + w) * (w + 1)', leaves: { w: 1, x: 2 } },
  medium: {
    expression: '(x @ w).tanh().sum()',
    leaves: Object.fromEntries(
      ['x', 'w'].map((name, k) => [
        name,
        Array.from({ length: 48 }, (_, i) =>
          Array.from({ length: 48 }, (_, j) => ((i * 7 + j * 3 + k) % 11) / 11),
        ),
      ]),
    ),
    trace: false,
  },
};
const json = { 'content-type': 'application/json' };
const post = (port, path, body) =>
  fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers: json, body: JSON.stringify(body) });

/** A request inside a container: replicas have no port of their own outside. */
function inside(container, path, body) {
  const script = `fetch('http://127.0.0.1:8080${path}', ${body ? `{ method: 'POST', headers: ${JSON.stringify(json)}, body: ${JSON.stringify(JSON.stringify(body))} }` : '{}'}).then((r) => r.text()).then((t) => process.stdout.write(t))`;
  return docker('exec', container, 'node', '-e', script);
}

async function load(port, body, meanwhile) {
  const running = autocannon({
    url: `http://127.0.0.1:${port}/v1/evaluate`,
    method: 'POST',
    headers: json,
    body: JSON.stringify(body),
    connections: 16,
    duration: seconds,
  });
  await meanwhile?.();
  const { requests, non2xx, errors, timeouts, latency, statusCodeStats } = await running;
  return {
    perSecond: Math.round(requests.average),
    total: requests.total,
    non2xx,
    errors,
    timeouts,
    p99: latency.p99,
    statusCodeStats,
  };
}

const memoryOf = (container) =>
  docker('stats', '--no-stream', '--format', '{{.MemUsage}}', container).split(' / ')[0];

async function until(what, condition) {
  for (const end = Date.now() + 60_000; !(await condition().catch(() => false)); await sleep(200))
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
}

async function one() {
  compose('up', '-d', '--no-build', 'gradd');
  const name = 'gradd-try-gradd-1';
  await until('the container is healthy', async () => inspect(name).State.Health.Status === 'healthy');
  saw('one container: healthy', true, true);
  saw('one container: memory at rest', memoryOf(name));
  const { HostConfig, Config } = inspect(name);
  saw('one container: user', Config.User, Config.User === 'node');
  saw('one container: memory limit', HostConfig.Memory, HostConfig.Memory === 2 ** 30);
  const status = docker('exec', name, 'cat', '/proc/1/status', '/proc/self/status');
  const caps = [...status.matchAll(/Cap(?:Eff|Prm|Bnd):\s+(\w+)/g)].map((match) => match[1]);
  saw(
    'one container: capabilities',
    [...new Set(caps)].join(),
    caps.every((each) => /^0+$/.test(each)),
  );
  saw('one container: no new privileges', /NoNewPrivs:\s+1/.test(status), /NoNewPrivs:\s+1/.test(status));
  const write = spawnSync('docker', ['exec', '-u', '0', name, 'touch', '/app/x'], { env, encoding: 'utf8' });
  saw('one container: root cannot write', /Read-only/.test(write.stderr), /Read-only/.test(write.stderr));
  const registered = await post(SINGLE, '/v1/graphs', {
    expression: 'x * w',
    inputs: { x: { shape: [] }, w: { shape: [] } },
  });
  const { id } = await registered.json();
  compose('restart', 'gradd');
  const run = () => post(SINGLE, `/v1/graphs/${id}/evaluate`, { leaves: { x: 3, w: 4 } });
  await until('it serves again', async () => (await run()).status === 200);
  const { value } = await (await run()).json();
  saw('one container: a graph survives a restart', value, value === 12);
  for (const [kind, body] of Object.entries(bodies)) {
    const { perSecond, p99, non2xx } = await load(SINGLE, body);
    saw(`one container: ${kind} requests/s`, `${perSecond} (p99 ${p99} ms)`, non2xx === 0);
  }
  saw('one container: memory after load', memoryOf(name));
  compose('stop', 'gradd');
  const { ExitCode, OOMKilled } = inspect(name).State;
  saw('one container: exit on SIGTERM', ExitCode, ExitCode === 0 && !OOMKilled);
}

const replicas = () =>
  docker(
    'ps',
    '--filter',
    'label=com.docker.compose.project=gradd-try',
    '--filter',
    'label=com.docker.compose.service=replica',
    '--format',
    '{{.Names}}',
  )
    .split('\n')
    .filter(Boolean)
    .sort();

const scale = (count) =>
  compose('up', '-d', '--no-build', '--no-recreate', '--wait', '--scale', `replica=${count}`, 'gateway');

const answered = (container) =>
  [
    ...inside(container, '/metrics').matchAll(
      /^gradd_http_requests_total\{route="\/v1\/evaluate".*\} (\d+)$/gm,
    ),
  ].reduce((sum, match) => sum + Number(match[1]), 0);

async function many() {
  scale(1);
  for (const [kind, body] of Object.entries(bodies)) {
    const { perSecond, p99, non2xx } = await load(GATEWAY, body);
    saw(`gateway, 1 replica: ${kind} requests/s`, `${perSecond} (p99 ${p99} ms)`, non2xx === 0);
  }
  const start = Date.now();
  scale(2);
  const names = replicas();
  await until('the new replica is asked', async () => {
    await Promise.all(Array.from({ length: 16 }, () => post(GATEWAY, '/v1/evaluate', bodies.textbook)));
    return answered(names[1]) > 0;
  });
  saw(
    'a replica that was added is asked after',
    `${((Date.now() - start) / 1000).toFixed(1)} s, its start included`,
    true,
  );
  for (const [kind, body] of Object.entries(bodies)) {
    const { perSecond, p99, non2xx } = await load(GATEWAY, body);
    saw(`gateway, 2 replicas: ${kind} requests/s`, `${perSecond} (p99 ${p99} ms)`, non2xx === 0);
  }
  const shares = names.map(answered);
  saw(
    'requests that each replica answered',
    shares.join(' + '),
    shares.every((share) => share > 0),
  );
  const answers = Object.values(bodies).map(
    (body) => new Set(names.map((name) => inside(name, '/v1/evaluate', body))),
  );
  const equal = answers.every((each) => each.size === 1);
  saw('replicas answer alike, byte for byte', equal, equal);
  const graph = { expression: 'x + w', inputs: { x: { shape: [] }, w: { shape: [] } } };
  const { id } = JSON.parse(inside(names[0], '/v1/graphs', graph));
  const { value } = JSON.parse(inside(names[1], `/v1/graphs/${id}/evaluate`, { leaves: { x: 3, w: 4 } }));
  saw('a graph of one replica is seen by the other', value, value === 7);
  const large = await post(GATEWAY, '/v1/evaluate', { expression: 'x', pad: 'x'.repeat(66 * 2 ** 20) });
  const refusal = await large.json().catch(() => ({}));
  saw('a body that is too large', `${large.status} ${refusal.code}`, refusal.code === 'payload-too-large');

  for (const [how, end] of [
    ['stopped', () => docker('stop', names[1])],
    ['killed', () => docker('kill', names[0])],
  ]) {
    scale(2);
    await sleep(6000);
    const result = await load(GATEWAY, bodies.medium, async () => {
      await sleep((seconds * 1000) / 3);
      end();
    });
    const lost = result.non2xx + result.errors + result.timeouts;
    const codes = JSON.stringify(
      Object.fromEntries(Object.entries(result.statusCodeStats).map(([code, { count }]) => [code, count])),
    );
    saw(`a replica ${how} under load: answers`, `${codes}, ${lost} lost, p99 ${result.p99} ms`, lost === 0);
  }
  compose('stop', 'replica');
  const away = await post(GATEWAY, '/v1/evaluate', bodies.textbook);
  const { code } = await away.json().catch(() => ({}));
  saw('no replica at all', `${away.status} ${code}`, code === 'overloaded');
}

if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) {
  console.log('There is no Docker engine here that answers: nothing was tried.');
  process.exit(1);
}
try {
  if (!options['no-build']) {
    docker('build', ...(options.network ? ['--network', options.network] : []), '-t', 'gradd', '.');
  }
  saw('size of the image', `${Math.round(inspect('gradd').Size / 1e6)} MB`);
  await one();
  await many();
} catch (error) {
  saw('the trial broke off', error.message, false);
} finally {
  compose('down', '-v', '--timeout', '5');
}
const bad = rows.filter(({ good }) => good === false);
const width = Math.max(...rows.map(({ what }) => what.length));
console.log(
  `\n${rows.map(({ what, value, good }) => `${what.padEnd(width)}  ${value}${good === false ? '  <- not as it should be' : ''}`).join('\n')}`,
);
console.log(`\n${rows.length} things seen, ${bad.length} not as they should be`);
process.exit(bad.length > 0 ? 1 : 0);
