/**
 * Prints every figure beside what it is compared to, measured in this run: `npm run bench`, or some tables alone as in
 * `npm run bench -- static compile`. The peers are Python packages (torch, jax, tensorflow-cpu, casadi) of the
 * interpreter that PEERS_PYTHON names (default: python3); the columns of those that are not installed are empty.
 */
import { cpus } from 'node:os';
import { compileTable } from './tables/compile.mjs';
import { engineTable } from './tables/engine.mjs';
import { httpTable } from './tables/http.mjs';
import { languageTable } from './tables/language.mjs';
import { opsTable } from './tables/ops.mjs';
import { programsTable } from './tables/programs.mjs';
import { registeredTable } from './tables/registered.mjs';
import { sessionsTable } from './tables/sessions.mjs';
import { staticTable } from './tables/static.mjs';

const tables = {
  engine: engineTable,
  sessions: sessionsTable,
  static: staticTable,
  compile: compileTable,
  ops: opsTable,
  http: httpTable,
  language: languageTable,
  programs: programsTable,
  registered: registeredTable,
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(tables);
const unknown = wanted.filter((name) => !(name in tables));
if (unknown.length > 0) {
  console.error(`There is no table "${unknown[0]}"; there are ${Object.keys(tables).join(', ')}`);
  process.exit(1);
}
console.log(`Node ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores`);
for (const name of wanted) {
  console.log();
  await tables[name]();
}
