/**
 * Mixed traffic against a server of its own, as it comes in production: textbook graphs, tensors of a megabyte, heavy
 * graphs that keep every thread of the pool at work, bad requests, clients that hang up. `npm run bench:mixed`, or with
 * the seconds that it lasts: `npm run bench:mixed -- 60`. It exits with 1 where an answer is one that should not be.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import autocannon from 'autocannon';
import { Agent, request } from 'undici';
import * as graphs from './graphs.mjs';
import { cpuOf, residentOf } from './load.mjs';
import { startServer } from './servers.mjs';

const SECONDS = Number(process.argv[2] ?? 180);
const LIGHT_RATE = 400;

const textbook = JSON.stringify({ graph: graphs.textbook, leaves: { w: 1, x: 2 } });
const megabyte = () => {
  const data = Buffer.alloc(2 ** 20);
  const values = new Float64Array(data.buffer, data.byteOffset, 2 ** 17);
  for (let i = 0; i < values.length; i++) values[i] = Math.sin(i);
  return JSON.stringify({
    expression: '(x.sin() * x).sum()',
    leaves: { x: { data: data.toString('base64'), shape: [values.length], dtype: 'float64' } },
    encoding: 'base64',
  });
};
const heavy = JSON.stringify({
  expression: '(torch.full([1000, 1000], 0.5) @ torch.full([1000, 1000], 0.25)).sum()',
  backward: false,
});
const bad = [
  '{"expression": "x +"}',
  '{"expression": "x @ x", "leaves": {"x": [[1, 2]]}}',
  '{"graph": {"nodes": [{"name": "y", "op": "nope"}]}}',
  '[1, 2',
  '',
  '{"expression": "torch.zeros([100000, 100000])"}',
];

let until = 0;
const running = () => performance.now() < until;

/** What the requests of one kind were. */
class Kind {
  times = [];
  statuses = new Map();
  errors = 0;

  add(status, ms) {
    this.times.push(ms);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  quantile(q) {
    const sorted = this.times.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  }

  row() {
    const statuses = [...this.statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
    const ms = [0.5, 0.99, 1].map((q) => this.quantile(q).toFixed(1));
    return `${String(this.times.length).padStart(7)} ${ms.map((each) => each.padStart(8)).join(' ')}   ${statuses}${this.errors > 0 ? `, failed: ${this.errors}` : ''}`;
  }
}

const server = await startServer('../dist/server.js', { TIMEOUT_MS: '10000' });
const base = `http://127.0.0.1:${server.port}`;
const kinds = Object.fromEntries(
  ['megabyte', 'heavy', 'bad', 'hang-up', 'health', 'light'].map((name) => [name, new Kind()]),
);

async function post(kind, body, dispatcher) {
  const start = performance.now();
  try {
    const { statusCode, body: answer } = await request(`${base}/v1/evaluate`, {
      method: 'POST',
      body,
      dispatcher,
    });
    await answer.arrayBuffer();
    kinds[kind].add(statusCode, performance.now() - start);
  } catch {
    kinds[kind].errors++;
  }
}

/** Sends one request after the other on each of some connections. */
async function keepSending(kind, bodies, connections, pause = 0) {
  const dispatcher = new Agent({ connections });
  let count = 0;
  const one = async () => {
    while (running()) {
      await post(kind, bodies[count++ % bodies.length], dispatcher);
      if (pause > 0) await new Promise((done) => setTimeout(done, pause));
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  await dispatcher.close();
}

/** Asks for a heavy graph and does not wait for the answer. */
async function keepHangingUp() {
  const head = `POST /v1/evaluate HTTP/1.1\r\nHost: a\r\nContent-Length: ${heavy.length}\r\n\r\n`;
  while (running()) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(head + heavy);
    await new Promise((done) => setTimeout(done, 150));
    socket.destroy();
    kinds['hang-up'].add('-', 150);
  }
}

/** Probes come from a thread of their own, so that what the other clients do here is not measured. */
async function keepProbing() {
  const probe = new Worker(new URL('./probe.mjs', import.meta.url), {
    workerData: { url: `${base}/health/live`, seconds: SECONDS },
  });
  const [answers] = await once(probe, 'message');
  for (const [status, ms] of answers) kinds.health.add(status, ms);
}

const resident = [];
async function keepWeighing() {
  while (running()) {
    resident.push(residentOf(server.pid) / 2 ** 20);
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** Textbook graphs at a steady rate. */
async function light() {
  const run = autocannon({
    url: `${base}/v1/evaluate`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: textbook,
    connections: 8,
    overallRate: LIGHT_RATE,
    duration: SECONDS,
  });
  run.on('response', (_client, status, _bytes, ms) => kinds.light.add(status, ms));
  await run;
}

// What is slow the first time only is not what this is about.
const warm = new Agent({ connections: 4 });
for (const body of [textbook, megabyte(), heavy, ...bad])
  for (let i = 0; i < 50; i++)
    await request(`${base}/v1/evaluate`, { method: 'POST', body, dispatcher: warm }).then((answer) =>
      answer.body.dump(),
    );
await warm.close();
await (await fetch(`${base}/metrics`)).text();
until = performance.now() + SECONDS * 1000;

const before = cpuOf(server.pid);
await Promise.all([
  light(),
  keepSending('megabyte', [megabyte()], 1, 100),
  keepSending('heavy', [heavy], 6),
  keepSending('bad', bad, 2, 20),
  keepHangingUp(),
  keepProbing(),
  keepWeighing(),
]);
const cpu = (cpuOf(server.pid) - before) / 1000 / SECONDS;
const metrics = await (await fetch(`${base}/metrics`)).text();
const lag = /^nodejs_eventloop_lag_max_seconds(?:{[^}]*})? (\S+)/m.exec(metrics)?.[1];
const third = Math.floor(resident.length / 3);
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

console.log(
  `${SECONDS} s of mixed traffic, ${LIGHT_RATE} light requests a second; ${cpu.toFixed(2)} cores used\n`,
);
console.log('              count   median  99 %, ms      max   answers');
for (const [name, kind] of Object.entries(kinds)) console.log(name.padEnd(10) + kind.row());
const memory = [mean(resident.slice(third, 2 * third)), mean(resident.slice(-third)), Math.max(...resident)];
console.log(
  `\nresident MiB: ${memory[0].toFixed(0)} in the middle third, ${memory[1].toFixed(0)} in the last, ${memory[2].toFixed(0)} at most`,
);

console.log(`longest delay of the event loop of the service: ${(1000 * Number(lag)).toFixed(1)} ms`);

const statuses = new Set(Object.values(kinds).flatMap(({ statuses }) => [...statuses.keys()]));
const unwanted = [...statuses].filter((status) => ![200, 400, 422, 503, 504, '-'].includes(status));
const wrong = [...kinds.light.statuses.keys(), ...kinds.health.statuses.keys()].filter((s) => s !== 200);
server.stop();
if (unwanted.length > 0 || wrong.length > 0) {
  console.error(`Answers that should not be: ${[...unwanted, ...wrong].join(', ')}`);
  process.exit(1);
}
