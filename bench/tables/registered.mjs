import { attempt, fixed, printTable } from '../measure.mjs';
import { batch, evaluations, graphs } from '../registered.mjs';
import { figure } from '../static.mjs';

/** Registered graphs over HTTP. */
export async function registeredTable() {
  const notes = [];
  const lines = [];
  for (const [name, graph] of Object.entries(graphs))
    for (const trace of [true, false])
      lines.push(await line(`${name}${trace ? '' : ', no trace'}, requests/s`, { ...graph }, trace, notes));
  printTable([['HTTP', 'sent each time', 'likewise, static', 'registered', 'registered / sent'], ...lines]);
  await batchTable(notes);
  for (const note of new Set(notes)) console.log(`  ${note}`);
}

async function line(title, graph, trace, notes) {
  const found = await attempted(evaluations(graph, { trace }), notes);
  const ratio = found && found.registered / found.sent;
  return [
    title,
    fixed(found?.sent, 0),
    fixed(found?.static, 0),
    fixed(found?.registered, 0),
    fixed(ratio, 2),
  ];
}

async function batchTable(notes) {
  const whole = await attempted(batch(), notes);
  const engine = attempt(() => figure('black_scholes_rows_f64', 'batch'));
  console.log();
  printTable([
    ['Black-Scholes, 1,000,000 rows of float64, ns/row', 'over HTTP', 'engine alone'],
    ['POST /v1/graphs/{id}/batch, base64', fixed(whole, 0), fixed(engine.run, 0)],
  ]);
}

/** What is promised, or undefined and a note where it fails. */
const attempted = (promise, notes) => promise.catch((error) => void notes.push(error.message));
