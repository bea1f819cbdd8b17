/** Benchmarks over HTTP, each beside a peer in the same run. */
import * as graphs from './graphs.mjs';
import { cpuOf, load, postRequest } from './load.mjs';
import { middle } from './measure.mjs';
import { startServer } from './servers.mjs';

/** The running example in each of its forms. */
export const textbook = {
  graph: JSON.stringify({ graph: graphs.textbook, leaves: { w: 1, x: 2 } }),
  expression: JSON.stringify({ expression: '(x + w) * (w + 1)', leaves: { w: 1, x: 2 } }),
  program: JSON.stringify({ program: 'y = (x + w) * (w + 1)\ny.backward()', leaves: { w: 1, x: 2 } }),
};

async function round(server, request, count) {
  const before = cpuOf(server.pid);
  const { perSecond } = await load(server.port, request, { count });
  return { perSecond, cpu: ((cpuOf(server.pid) - before) * 1000) / count };
}

/** Where the time of a request goes, by the service's own Server-Timing header: microseconds, medians. */
async function timings(port, body) {
  const rows = [];
  for (let i = 0; i < 2000; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/evaluate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await answer.arrayBuffer();
    rows.push(
      [...answer.headers.get('server-timing').matchAll(/dur=([\d.]+)/g)].map((match) => 1000 * match[1]),
    );
  }
  return ['parse', 'eval', 'format']
    .map((name, i) => `${name} ${middle(rows.map((row) => row[i])).toFixed(0)}`)
    .join(', ');
}

/** Requests a second of the running example beside those of a bare fastify route; medians of alternating rounds. */
export async function runningExample(body, { rounds = 7, count = 20_000 } = {}) {
  const request = postRequest('/v1/evaluate', body);
  const gradd = await startServer('../dist/server.js');
  const { sample } = await load(gradd.port, request, { count: 200 });
  const bare = await startServer('./peers/bare-fastify.mjs', { ANSWER: sample });
  try {
    const ours = [];
    const theirs = [];
    for (let i = -1; i < rounds; i++) {
      const a = await round(gradd, request, count);
      const b = await round(bare, request, count);
      if (i < 0) continue;
      ours.push(a);
      theirs.push(b);
    }
    const of = (list, key) => middle(list.map((r) => r[key]));
    const ratios = ours.map((r, i) => r.perSecond / theirs[i].perSecond);
    return {
      ratio: middle(ratios),
      timings: await timings(gradd.port, body),
      gradd: { perSecond: of(ours, 'perSecond'), cpu: of(ours, 'cpu') },
      bare: { perSecond: of(theirs, 'perSecond'), cpu: of(theirs, 'cpu') },
    };
  } finally {
    gradd.stop();
    bare.stop();
  }
}

/** A leaf of a million numbers in, its gradient and the product out, beside parsing and printing the same bodies. */
export async function bigLeaf({ rounds = 7, n = 1_000_000 } = {}) {
  const numbers = Array.from({ length: n }, (_, i) => Math.sin(i) * 10);
  const body = JSON.stringify({
    expression: 'x * 3',
    leaves: { x: numbers },
    backward: { value: numbers },
    trace: false,
  });
  const request = postRequest('/v1/evaluate', body);
  const gradd = await startServer('../dist/server.js');
  try {
    const { sample } = await load(gradd.port, request, { count: 3, connections: 1 });
    const answer = JSON.parse(sample);
    const ratios = [];
    const ours = [];
    for (let i = 0; i < rounds; i++) {
      const before = cpuOf(gradd.pid);
      const { perSecond } = await load(gradd.port, request, { count: 3, connections: 1 });
      const cpu = (cpuOf(gradd.pid) - before) / 3;
      const start = performance.now();
      JSON.parse(body);
      JSON.stringify(answer);
      const plain = performance.now() - start;
      ours.push({ wall: 1000 / perSecond, cpu, plain });
      ratios.push(1000 / perSecond / plain);
    }
    const of = (key) => middle(ours.map((r) => r[key]));
    return { ratio: middle(ratios), wall: of('wall'), cpu: of('cpu'), plain: of('plain') };
  } finally {
    gradd.stop();
  }
}
