/** Registered graphs over HTTP beside sending the same graph each time. */
import { options } from './cases.mjs';
import { blackScholes, scalarChain, textbook } from './graphs.mjs';
import { load, postRequest } from './load.mjs';
import { middle } from './measure.mjs';
import { startServer } from './servers.mjs';

const leaves = { x: 0.7, w: 0.3 };
const MILLION = 1_000_000;

const scalar = { shape: [], dtype: 'float64', requires_grad: true };

export const graphs = {
  'textbook graph': { graph: textbook, count: 10_000 },
  'chain of 5,000 nodes': { graph: scalarChain(5000), count: 50 },
};

/** Registers a graph whose inputs are scalars; its path. */
async function register(port, graph, names) {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/graphs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ graph, inputs: Object.fromEntries(names.map((name) => [name, scalar])) }),
  });
  if (!answer.ok) throw new Error(`POST /v1/graphs was answered ${answer.status}`);
  return `/v1/graphs/${(await answer.json()).id}`;
}

/** Requests a second: the graph sent each time and evaluated in either mode, and registered; alternating rounds. */
export async function evaluations({ graph, count }, { trace, rounds = 5 }) {
  const server = await startServer('../dist/server.js');
  try {
    const id = await register(server.port, graph, Object.keys(leaves));
    const post = (path, body) => postRequest(path, JSON.stringify({ ...body, leaves, trace }));
    const requests = {
      sent: post('/v1/evaluate', { graph }),
      static: post('/v1/evaluate', { graph, mode: 'static' }),
      registered: post(`${id}/evaluate`, {}),
    };
    const found = { sent: [], static: [], registered: [] };
    for (let i = -1; i < rounds; i++)
      for (const [way, request] of Object.entries(requests)) {
        const { perSecond } = await load(server.port, request, { count });
        if (i >= 0) found[way].push(perSecond);
      }
    return Object.fromEntries(Object.entries(found).map(([way, all]) => [way, middle(all)]));
  } finally {
    server.stop();
  }
}

const base64 = ({ shape, dtype, data }) => ({
  data: Buffer.from(data.buffer).toString('base64'),
  shape,
  dtype,
});

/** A million options in and their prices and gradients out: nanoseconds a row, all of HTTP included. */
export async function batch({ rounds = 5 } = {}) {
  const server = await startServer('../dist/server.js');
  try {
    const rows = Object.entries(options('float64'));
    const names = rows.map(([name]) => name);
    const path = `${await register(server.port, blackScholes, names)}/batch`;
    const body = { leaves: Object.fromEntries(rows.map(([name, row]) => [name, base64(row)])) };
    const request = postRequest(path, JSON.stringify({ ...body, encoding: 'base64', trace: false }));
    const times = [];
    for (let i = -1; i < rounds; i++) {
      const { perSecond } = await load(server.port, request, { count: 1, connections: 1 });
      if (i >= 0) times.push(1e9 / perSecond / MILLION);
    }
    return middle(times);
  } finally {
    server.stop();
  }
}
