import { bigLeaf, runningExample, textbook } from '../http.mjs';
import { fixed, printTable } from '../measure.mjs';

/** Requests over HTTP beside the least that a service could do. */
export async function httpTable() {
  const rows = [['HTTP', 'gradd', 'bare fastify', 'ratio', 'aim']];
  for (const [form, body] of Object.entries(textbook)) {
    const { gradd, bare, ratio, timings } = await runningExample(body);
    rows.push([
      `running example as ${form}, requests/s`,
      fixed(gradd.perSecond, 0),
      fixed(bare.perSecond, 0),
      fixed(ratio, 2),
      form === 'program' ? '' : '0.65',
    ]);
    rows.push([`  of which µs: ${timings}`, '', '', '', '']);
    rows.push([
      '  server CPU, µs/request',
      fixed(gradd.cpu),
      fixed(bare.cpu),
      fixed(bare.cpu / gradd.cpu, 2),
      '',
    ]);
  }
  const { wall, plain, ratio } = await bigLeaf();
  rows.push(['', 'gradd', 'JSON.parse + stringify', '', '']);
  rows.push([
    '1,000,000-element leaf in, gradient and value out, ms',
    fixed(wall, 0),
    fixed(plain, 0),
    fixed(ratio, 2),
    '1.5',
  ]);
  printTable(rows);
}
