/** Whether the resident size of the service stops growing: many small requests, then large ones. */

import { textbook } from './http.mjs';
import { load, postRequest, residentOf } from './load.mjs';
import { startServer } from './servers.mjs';

const MB = 2 ** 20;
const server = await startServer('../dist/server.js');
const numbers = Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i));
const large = JSON.stringify({
  expression: 'x * 3',
  leaves: { x: numbers },
  backward: { value: numbers },
  trace: false,
});

async function phase(name, body, count, steps) {
  const request = postRequest('/v1/evaluate', body);
  const sizes = [];
  for (let i = 0; i < steps; i++) {
    await load(server.port, request, { count: count / steps, connections: 1 + Number(count > 1000) * 7 });
    sizes.push(Math.round(residentOf(server.pid) / MB));
  }
  console.log(`${name}: resident MB after each ${count / steps}: ${sizes.join(' ')}`);
}

try {
  await phase('100,000 requests of the running example', textbook.graph, 100_000, 10);
  await phase('200 requests with a leaf of 1,000,000 elements', large, 200, 10);
  await phase('100,000 requests of the running example again', textbook.graph, 100_000, 10);
} finally {
  server.stop();
}
