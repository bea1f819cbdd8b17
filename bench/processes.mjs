/**
 * One process beside several behind one port (CLUSTER): requests a second, the processor time that a request takes in
 * the service, memory. The load comes from this process, which takes a processor too: where there are few of them, look
 * at the time per request, not at requests a second.
 *
 *   node bench/processes.mjs [processes]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuOf, load, postRequest, residentOf } from './load.mjs';
import { startServer } from './servers.mjs';

const matrix = (n, k) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => ((i * 7 + j * 3 + k) % 11) / 11));
const kinds = {
  textbook: [{ expression: '(x + w) * (w + 1)', leaves: { w: 1, x: 2 } }, 20_000],
  medium: [
    { expression: '(x @ w).tanh().sum()', leaves: { x: matrix(48, 0), w: matrix(48, 1) }, trace: false },
    3000,
  ],
};

/** A process and those that it started. */
function family(pid) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [
          [Number(name), Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ')[1])],
        ];
      } catch {
        return [];
      }
    });
  return [pid, ...parents.filter(([, parent]) => parent === pid).map(([child]) => child)];
}
const sum = (pid, of) => family(pid).reduce((total, each) => total + of(each), 0);

const count = Number(process.argv[2] ?? Math.max(2, availableParallelism()));
console.log(`${availableParallelism()} processors, Node ${process.version}\n`);
console.log(
  '| processes | requests | per second | service, CPU ms each | this process, CPU ms each | memory MB |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
for (const CLUSTER of ['off', String(count)]) {
  const folder = await mkdtemp(join(tmpdir(), 'gradd-bench-'));
  const server = await startServer('../dist/server.js', { CLUSTER, DATA_DIR: folder });
  // Processes beyond the first may not be there yet.
  await new Promise((done) => setTimeout(done, 2000));
  for (const [kind, [body, requests]] of Object.entries(kinds)) {
    const request = postRequest('/v1/evaluate', JSON.stringify(body));
    await load(server.port, request, { count: requests / 4, connections: 32 });
    const [before, mine] = [sum(server.pid, cpuOf), process.cpuUsage()];
    const { perSecond } = await load(server.port, request, { count: requests, connections: 32 });
    const service = (sum(server.pid, cpuOf) - before) / requests;
    const { user, system } = process.cpuUsage(mine);
    const memory = sum(server.pid, residentOf) / 1e6;
    const figures = [service.toFixed(3), ((user + system) / 1000 / requests).toFixed(3), memory.toFixed(0)];
    console.log(
      `| ${CLUSTER === 'off' ? 1 : CLUSTER} | ${kind} | ${perSecond.toFixed(0)} | ${figures.join(' | ')} |`,
    );
  }
  server.stop();
  await new Promise((done) => setTimeout(done, 1000));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
