import { GraddError } from '../errors.ts';
import type { Value } from '../tensor/value.ts';
import type { PlacedArg } from './bind.ts';
import { composite, type Op } from './define.ts';
import { Ellipsis, maybeTensorList, spread, text } from './params.ts';
import { sumOfProducts } from './products-pair.ts';

/** Subscripts are numbered A … Z, a … z; the ellipsis comes after them. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ELLIPSIS = LETTERS.length;

const fail = (message: string): never => {
  throw new GraddError('invalid-argument', `einsum(): ${message}`);
};
const mismatch = (message: string): never => {
  throw new GraddError('shape-mismatch', `einsum(): ${message}`);
};

interface Equation {
  /** The subscripts of each operand. */
  readonly inputs: number[][];
  /** The subscripts of the result; null where the equation leaves them out. */
  readonly output: number[] | null;
}

/** The subscript at place `i` of an equation. */
function subscript(equation: string, i: number): number {
  const found = LETTERS.indexOf(equation.charAt(i));
  if (found >= 0) return found;
  const rule = 'in the equation string, subscripts must be in [a-zA-Z]';
  return fail(`invalid subscript given at index ${i} ${rule}`);
}

function parseInputs(equation: string, end: number): number[][] {
  const inputs: number[][] = [[]];
  let current = inputs[0] as number[];
  for (let i = 0; i < end; i++) {
    const char = equation.charAt(i);
    if (char === ' ') continue;
    if (char === ',') {
      current = [];
      inputs.push(current);
    } else if (char === '.') {
      const operand = inputs.length - 1;
      if (current.includes(ELLIPSIS)) {
        fail(`found '.' for operand ${operand} for which an ellipsis was already found`);
      }
      if (i + 2 >= end || !equation.startsWith('...', i)) {
        fail(`found '.' for operand ${operand} that is not part of any ellipsis`);
      }
      current.push(ELLIPSIS);
      i += 2;
    } else current.push(subscript(equation, i));
  }
  return inputs;
}

function parseOutput(equation: string, start: number, inputs: number[][]): number[] {
  const output: number[] = [];
  for (let i = start; i < equation.length; i++) {
    const char = equation.charAt(i);
    if (char === ' ') continue;
    if (char === '.') {
      if (output.includes(ELLIPSIS)) {
        fail("found '.' for output but an ellipsis (...) was already found");
      }
      if (!equation.startsWith('...', i)) {
        fail("found '.' for output that is not part of any ellipsis (...)");
      }
      output.push(ELLIPSIS);
      i += 2;
      continue;
    }
    const label = subscript(equation, i);
    if (output.includes(label)) fail(`output subscript ${char} appears more than once in the output`);
    if (!inputs.some((labels) => labels.includes(label))) {
      fail(`output subscript ${char} does not appear in the equation for any input operand`);
    }
    output.push(label);
  }
  return output;
}

function parse(equation: string, count: number): Equation {
  const arrow = equation.indexOf('->');
  const inputs = parseInputs(equation, arrow < 0 ? equation.length : arrow);
  if (inputs.length > count) fail('fewer operands were provided than specified in the equation');
  if (inputs.length < count) fail('more operands were provided than specified in the equation');
  return { inputs, output: arrow < 0 ? null : parseOutput(equation, arrow + 2, inputs) };
}

/** How many dimensions the ellipses stand for: the most of all operands. */
function ellipsisWidth(inputs: number[][], operands: readonly Value[]): number {
  let width = 0;
  operands.forEach(({ ndim }, i) => {
    const labels = inputs[i] as number[];
    const open = labels.includes(ELLIPSIS);
    const named = open ? labels.length - 1 : labels.length;
    const count = `the number of subscripts in the equation (${named})`;
    if (open && named > ndim) {
      mismatch(`${count} is more than the number of dimensions (${ndim}) for operand ${i}`);
    }
    if (!open && named !== ndim) {
      const which = `for operand ${i} and no ellipsis was given`;
      mismatch(`${count} does not match the number of dimensions (${ndim}) ${which}`);
    }
    if (open) width = Math.max(width, ndim - named);
  });
  return width;
}

/** Where each subscript stands in the common order of dimensions: the result's, then those that are summed over. */
interface Places {
  /** By subscript; the ellipsis has its first place. */
  readonly of: ReadonlyMap<number, number>;
  readonly width: number;
  readonly outputs: number;
  readonly total: number;
}

function placesOf({ inputs, output }: Equation, width: number): Places {
  const counts = new Map<number, number>();
  for (const label of inputs.flat()) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts.keys()].filter((label) => label !== ELLIPSIS).sort((a, b) => a - b);
  const of = new Map<number, number>();
  let next = 0;
  const place = (label: number): void => {
    if (of.has(label)) return;
    of.set(label, next);
    next += label === ELLIPSIS ? width : 1;
  };
  const once = labels.filter((label) => counts.get(label) === 1);
  for (const label of output ?? [ELLIPSIS, ...once]) place(label);
  const outputs = next;
  for (const label of [ELLIPSIS, ...labels]) place(label);
  return { of, width, outputs, total: next };
}

/** The sizes seen so far by place, and how many operands have a size other than 1 there. */
class Extents {
  readonly sizes: number[];
  readonly counts: number[];

  constructor(total: number) {
    this.sizes = new Array<number>(total).fill(1);
    this.counts = new Array<number>(total).fill(0);
  }

  /** Takes note of a size; false where it does not broadcast with those before. */
  note(place: number, size: number): boolean {
    if (size === 1) return true;
    const seen = this.sizes[place] as number;
    if (seen !== 1 && seen !== size) return false;
    this.sizes[place] = size;
    this.counts[place] = (this.counts[place] as number) + 1;
    return true;
  }
}

/** One operand with a dimension for each place, in their order. */
function align(operand: Value, labels: number[], i: number, places: Places, extents: Extents): Value {
  const from = new Array<number>(places.total).fill(-1);
  let value = operand;
  let dim = 0;
  for (const label of labels) {
    const place = places.of.get(label) as number;
    if (label === ELLIPSIS) {
      const covered = operand.ndim - (labels.length - 1);
      for (let j = places.width - covered; j < places.width; j++) {
        noteCovered(value, dim, i, place + j, extents);
        from[place + j] = dim++;
      }
    } else if (from[place] === -1) {
      if (!extents.note(place, value.size(dim))) {
        const seen = extents.sizes[place];
        mismatch(
          `subscript ${LETTERS[label]} has size ${value.size(dim)} for operand ${i} which does not broadcast with previously seen size ${seen}`,
        );
      }
      from[place] = dim++;
    } else value = diagonal(value, from[place] as number, dim, label, i);
  }
  for (let place = 0; place < places.total; place++) {
    if (from[place] !== -1) continue;
    value = value.unsqueeze(dim);
    from[place] = dim++;
  }
  return value.permute(from);
}

function noteCovered(value: Value, dim: number, i: number, place: number, extents: Extents): void {
  if (extents.note(place, value.size(dim))) return;
  mismatch(
    `dimension ${dim} covered by ellipsis in operand ${i}has size ${value.size(dim)} which does not broadcast with previously seen ellipsis with size ${extents.sizes[place]} for the respective dimension`,
  );
}

/** The dimensions of a subscript that an operand has twice, as one. */
function diagonal(value: Value, first: number, second: number, label: number, i: number): Value {
  const [a, b] = [value.size(second), value.size(first)];
  if (a !== b) {
    mismatch(
      `subscript ${LETTERS[label]} is repeated for operand ${i} but the sizes don't match, ${a} != ${b}`,
    );
  }
  const line = value.apply('diagonal', { self: value, offset: 0, dim1: first, dim2: second });
  return line.apply('movedim', { self: line, source: [-1], destination: [first] });
}

/** Multiplies the first two operands and sums over what no other operand has. */
function contract(a: Value, b: Value, { outputs, total }: Places, counts: number[]): Value {
  const sums: [number[], number[], number[]] = [[], [], []];
  for (let d = outputs; d < total; d++) {
    const [wideA, wideB] = [a.size(d) !== 1, b.size(d) !== 1];
    if (wideA && wideB) {
      counts[d] = (counts[d] as number) - 1;
      if (counts[d] !== 1) continue;
      sums[2].push(d);
    } else if (counts[d] === 1 && wideA) sums[0].push(d);
    else if (counts[d] === 1 && wideB) sums[1].push(d);
    else continue;
    counts[d] = 0;
  }
  const left = sums[0].length > 0 ? a.sum(sums[0], true) : a;
  const right = sums[1].length > 0 ? b.sum(sums[1], true) : b;
  return sumOfProducts(left, right, sums[2]);
}

/** PyTorch's `einsum`: all operands brought to common dimensions, then contracted pair by pair from the left. */
function einsum(equation: string, operands: readonly Value[], tick: () => void): Value {
  const parsed = parse(equation, operands.length);
  const places = placesOf(parsed, ellipsisWidth(parsed.inputs, operands));
  const extents = new Extents(places.total);
  const aligned = operands.map((operand, i) => {
    tick();
    return align(operand, parsed.inputs[i] as number[], i, places, extents);
  });
  const { outputs, total } = places;
  const result = aligned.reduce((a, b) => contract(a, b, places, extents.counts));
  if (total === outputs) return result;
  if (operands.length > 1) return result.view(result.shape.slice(0, outputs));
  return result.sum(Array.from({ length: total - outputs }, (_, i) => outputs + i));
}

const incomplete =
  'must specify the equation string and at least one operand, or at least one operand and its subscripts list';

function sublistLabel(item: unknown): string {
  if (item instanceof Ellipsis) return '...';
  const n = typeof item === 'bigint' || typeof item === 'boolean' ? Number(item) : -1;
  return LETTERS[n] ?? fail('subscript in subscript list is not within the valid range [0, 52)');
}

/** `einsum(a, [0, 1], b, [1, 2], [0, 2])` as `einsum('AB,BC->AC', a, b)`. */
function fromSublists(positional: readonly PlacedArg[]): readonly PlacedArg[] {
  const [first] = positional;
  if (first === undefined || typeof first.value === 'string' || Array.isArray(first.value)) return positional;
  if (!Array.isArray(positional[1]?.value)) return positional;
  const labels = ({ value }: PlacedArg): string =>
    Array.isArray(value)
      ? value.map(sublistLabel).join('')
      : fail('subscript in subscript list is not within the valid range [0, 52)');
  const pairs = positional.length - (positional.length % 2);
  const inputs = positional.slice(0, pairs).filter((_, i) => i % 2 === 1);
  const last = positional[pairs];
  const equation = `${inputs.map(labels).join(',')}${last ? `->${labels(last)}` : ''}`;
  const operands = positional.slice(0, pairs).filter((_, i) => i % 2 === 0);
  return [{ value: equation, path: first.path }, ...operands];
}

/** Sums of products by subscripts. */
export const einsumOps = {
  einsum: composite({
    doc: 'The sum of products that an equation of subscripts says.',
    on: ['torch'],
    params: { equation: text(), operands: spread(maybeTensorList()) },
    arrange: fromSublists,
    checkForm({ equation, operands }) {
      if (operands.length === 0) fail(incomplete);
      parse(equation, operands.length);
    },
    compose: ({ equation, operands }, context) => einsum(equation, operands, () => context.tick()),
  }),
} satisfies Record<string, Op>;
