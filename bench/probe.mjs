/** A thread that asks a health route ten times a second, and says how long each answer took. */
import { parentPort, workerData } from 'node:worker_threads';
import { Agent, request } from 'undici';

const { url, seconds } = workerData;
const dispatcher = new Agent({ connections: 1 });
const answers = [];
const until = performance.now() + seconds * 1000;
while (performance.now() < until) {
  const start = performance.now();
  const { statusCode, body } = await request(url, { dispatcher });
  await body.text();
  answers.push([statusCode, performance.now() - start]);
  await new Promise((done) => setTimeout(done, 100));
}
await dispatcher.close();
parentPort.postMessage(answers);
