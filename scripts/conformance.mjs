/**
 * Holds a running service against PyTorch's recorded samples, over HTTP, and prints how many pass, by tier: values and
 * gradients, second gradients, traces.
 *
 *   npm run conformance                        starts the service of dist/ and asks it
 *   npm run conformance -- http://host:8080    asks one that runs
 *   npm run conformance -- --mode static       as static graphs
 *   npm run conformance -- --write             puts the table into README.md and the list into docs/conformance.md
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startServer } from '../bench/servers.mjs';
import { loadCases, traceFault, valueFault } from './conformance-cases.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false }, mode: { type: 'string', default: 'dynamic' } },
});

const reasons = JSON.parse(
  readFileSync(new URL('../test/conformance/reasons.json', import.meta.url), 'utf8'),
);

async function evaluate(base, body) {
  const answer = await fetch(`${base}/v1/evaluate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, mode: flags.mode }),
  });
  return { status: answer.status, json: await answer.json() };
}

/** What a case shows: null where it passes, else why not. */
async function check(base, given) {
  const { status, json } = await evaluate(base, given.request);
  if (status !== 200) return { value: `${status} ${json.code}: ${json.detail}`, trace: 'no answer' };
  return { value: valueFault(given, json), trace: traceFault(given, json) };
}

const tiers = [1, 2, 3, null];
const columns = ['values and gradients', 'second gradients', 'trace'];

function tally(results) {
  const table = new Map(tiers.map((tier) => [tier, columns.map(() => [0, 0])]));
  for (const { tier, order, trace, fault } of results) {
    const row = table.get(tier);
    const count = (column, passed) => {
      row[column][1]++;
      if (passed) row[column][0]++;
    };
    count(order === 2 ? 1 : 0, fault.value === null);
    if (trace) count(2, fault.trace === null);
  }
  return table;
}

const share = ([passed, all]) =>
  all === 0 ? '' : `${passed} of ${all} (${((100 * passed) / all).toFixed(1)} %)`;

const names = new Map([
  [1, '1: what everybody calls'],
  [2, '2: what many call'],
  [3, '3: the rest'],
  [null, 'not differentiable'],
]);

const tableText = (table) =>
  [
    `| tier | ${columns.join(' | ')} |`,
    `| --- | ${columns.map(() => '---').join(' | ')} |`,
    ...tiers.map((tier) => `| ${names.get(tier)} | ${table.get(tier).map(share).join(' | ')} |`),
  ].join('\n');

const reasonOf = ({ id, op }) => reasons[id] ?? reasons[op] ?? null;

/** The failures by operation, each with its reason where one is known. */
function failuresText(results) {
  const failed = results.filter(({ fault }) => fault.value !== null || fault.trace !== null);
  const byOp = Map.groupBy ? Map.groupBy(failed, ({ op }) => op) : groupBy(failed, ({ op }) => op);
  return [...byOp]
    .map(([op, rows]) => {
      const [first] = rows;
      const why = reasonOf(first) ?? first.fault.value ?? first.fault.trace;
      const ids = rows.map(({ id }) => id).join(', ');
      return `| \`${op}\` | ${rows.length} | ${why.replaceAll('|', '\\|').slice(0, 300)} | ${ids.length > 120 ? `${ids.slice(0, 120)}…` : ids} |`;
    })
    .join('\n');
}

function groupBy(list, key) {
  const groups = new Map();
  for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function replaceBetween(file, text) {
  const url = new URL(`../${file}`, import.meta.url);
  const old = readFileSync(url, 'utf8');
  const marks = /(<!-- conformance -->\n)[\s\S]*?(<!-- \/conformance -->)/;
  writeFileSync(
    url,
    old.replace(marks, (_, open, end) => `${open}\n${text}\n\n${end}`),
  );
}

const server = positionals.length > 0 ? null : await startServer('../dist/server.js');
const base = positionals[0] ?? `http://127.0.0.1:${server.port}`;
try {
  const results = [];
  for (const given of loadCases()) {
    const { id, op, tier = null, order, expect } = given;
    results.push({ id, op, tier, order, trace: Boolean(expect.trace), fault: await check(base, given) });
  }
  const table = tableText(tally(results));
  const failures = failuresText(results);
  const list = `| operation | cases | why | which |\n| --- | --- | --- | --- |\n${failures}`;
  console.log(`${table}\n\n${failures === '' ? 'Every case passes.' : list}`);
  if (flags.write) {
    replaceBetween('README.md', table);
    replaceBetween('docs/conformance.md', `${table}\n\n${failures === '' ? 'Every case passes.' : list}`);
  }
} finally {
  server?.stop();
}
