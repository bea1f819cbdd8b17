/**
 * Sends random requests to the service and checks every answer.
 *
 *   npm run fuzz                                          100,000 requests to the service of dist/
 *   npm run fuzz -- --count 1000000 --seed 7
 *   npm run fuzz -- --seed 7 --only 4711                  one request again
 *   npm run fuzz -- --url http://host:8080 --header 'Authorization: Bearer …'
 *   npm run fuzz -- --env MAX_NODES=1000 --concurrency 16 --budget 10000
 */
import { parseArgs } from 'node:util';
import { createViteServer } from 'vitest/node';

const { values: flags } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    url: { type: 'string' },
    concurrency: { type: 'string', default: '12' },
    budget: { type: 'string' },
    header: { type: 'string', multiple: true, default: [] },
    env: { type: 'string', multiple: true, default: [] },
  },
});

const pairs = (list, separator) =>
  Object.fromEntries(
    list.map((text) => {
      const at = text.indexOf(separator);
      return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    }),
  );

// The rows of samples are TypeScript, which Node 20 does not run by itself.
const loader = await createViteServer({
  root: new URL('../..', import.meta.url).pathname,
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
const { fuzz } = await loader.ssrLoadModule('/test/fuzz/fuzz.ts');
const { printedReport } = await loader.ssrLoadModule('/test/fuzz/print.ts');

const report = await fuzz({
  seed: Number(flags.seed),
  count: flags.only === undefined ? Number(flags.count) : 1,
  first: Number(flags.only ?? 0),
  concurrency: Number(flags.concurrency),
  url: flags.url,
  headers: pairs(flags.header, ':'),
  env: pairs(flags.env, '='),
  ...(flags.budget && { budgetMs: Number(flags.budget) }),
  log: console.log,
});
console.log(printedReport(report));
await loader.close();
process.exit(report.findings.length > 0 ? 1 : 0);
