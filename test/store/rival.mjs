/** One of several processes that put the same 100 graphs and want the same 100 names: node rival.mjs FOLDER DIGIT */
import { openStore } from '../../dist/store/index.js';

const [folder, digit] = process.argv.slice(2);
const id = (first, i) => `${first}${i.toString(16).padStart(63, '0')}`;
const created = new Date().toISOString();
const numbers = Array.from({ length: 100 }, (_, i) => i);
const records = [
  ...numbers.map((i) => ({ id: id('f', i), name: null, body: `{"n":${i}}`, created })),
  ...numbers.map((i) => ({ id: id(digit, i), name: `wanted ${i}`, body: `{"m":${i}}`, created })),
];

const store = await openStore({ DATA_DIR: folder }, { info: console.error, error: console.error });
const statuses = [];
for (const record of records) statuses.push((await store.put(record)).status);
await store.close();
process.stdout.write(JSON.stringify(statuses));
