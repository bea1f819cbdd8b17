import { attempt, fixed, printTable } from '../measure.mjs';
import { figuresOf, headOf, peers, pytorch } from '../peers.mjs';
import { figure } from '../static.mjs';

const NS = 1;
const MS = 1e6;

/** `of` is the peers' name of the figure and `ours` the case of the engine; `aim` may depend on PyTorch's figure. */
const rows = [
  {
    title: 'chain of 5,000 scalar ops, float64, ns/op',
    of: 'scalar_chain',
    aim: () => '40',
  },
  {
    title: 'fused sum of 1,000,000 float32, ns/element',
    of: 'fused_sum',
    aim: () => '4',
  },
  {
    title: 'Black-Scholes, price and 5 gradients, float64, ns/row',
    of: 'black_scholes_f64',
    aim: () => '60',
  },
  {
    title: '  as a batch of scalar graphs',
    of: 'black_scholes_f64',
    ours: 'black_scholes_rows_f64',
    way: 'batch',
    aim: () => '60',
  },
  {
    title: 'Black-Scholes, float32, ns/row',
    of: 'black_scholes_f32',
    aim: () => '',
  },
  {
    title: '  as a batch of scalar graphs',
    of: 'black_scholes_f32',
    ours: 'black_scholes_rows_f32',
    way: 'batch',
    aim: () => '',
  },
  {
    title: 'training step 784-256-10, batch 64, float32, ms',
    of: 'training_step',
    unit: MS,
    digits: 3,
    aim: ({ run }) => (run ? `${fixed((2.5 * run) / MS, 3)} (2.5 × PyTorch)` : '2.5 × PyTorch'),
  },
];

/** Static graphs, forward and backward, warm, beside the peers. */
export function staticTable() {
  const names = [...new Set(rows.map(({ of }) => of))];
  const theirs = peers.map((peer) => figuresOf(peer, names));
  const notes = [];
  const lines = rows.map((row) => line(row, theirs, notes));
  console.log('forward + backward, one core; (n x) = time of the other / time of gradd static');
  printTable([['static', 'gradd static', 'gradd dynamic', ...peers.map(headOf), 'aim'], ...lines]);
  for (const note of new Set(notes)) console.log(`  ${note}`);
}

function line(row, theirs, notes) {
  const { title, of, ours = of, way = 'static' } = row;
  const compiled = attempt(() => figure(ours, way));
  const dynamic = way === 'static' ? attempt(() => figure(ours, 'dynamic')) : {};
  const others = [dynamic, ...theirs.map((found) => found[of])];
  const heads = ['gradd dynamic', ...peers.map((peer) => peer.title)];
  const subject = title.startsWith(' ') ? `${ours}` : title;
  remark(notes, `gradd static, ${subject}`, compiled);
  const expected = compiled.check ?? dynamic.check;
  for (const [i, found] of others.entries()) remark(notes, `${heads[i]}, ${subject}`, found, expected);
  const reference = theirs[peers.indexOf(pytorch)][of];
  return [
    title,
    cell(row, compiled),
    ...others.map((found) => cell(row, found, compiled.run)),
    row.aim(reference),
  ];
}

function cell({ unit = NS, digits = 1 }, { run }, ours) {
  if (run === undefined) return '';
  if (ours === undefined) return fixed(run / unit, digits);
  const ratio = run / ours;
  return `${fixed(run / unit, digits)} (${fixed(ratio, ratio < 10 ? 2 : 0)}x)`;
}

/** Single precision, and sums in another order, differ by less. */
const TOLERANCE = 1e-4;

/** Notes why a figure is missing, or that it is of something else. */
function remark(notes, subject, { missing, check }, expected) {
  const obvious = missing === 'not installed' || missing === 'not expressible here';
  if (missing && !obvious) notes.push(`${subject}: ${missing}`);
  if (check === undefined || expected === undefined) return;
  if (!(Math.abs(check - expected) <= TOLERANCE * Math.abs(expected)))
    notes.push(`${subject}: computed ${check} where gradd computed ${expected}`);
}
