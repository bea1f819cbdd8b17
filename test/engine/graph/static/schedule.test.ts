import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Prepared, prepare } from '../../../../src/engine/graph/static/compile.ts';
import { type Buffer, type Instr, newBuffer, View } from '../../../../src/engine/graph/static/ir.ts';
import { bytesOf } from '../../../../src/engine/graph/static/memory.ts';
import { readsOf, type Unit, writesOf } from '../../../../src/engine/graph/static/schedule.ts';
import { verify } from '../../../../src/engine/graph/static/verify.ts';
import { Engine } from '../../../../src/engine/index.ts';
import { contiguousLayout } from '../../../../src/engine/tensor/layout.ts';
import { type Ask, answer, askOf } from '../../../support/modes.ts';
import { type Choices, choices, randomGraph } from '../../../support/random-graph.ts';
import { type Leaves, record } from '../../../support/static-graph.ts';

const engine = new Engine();
const RUNS = Number(process.env.RANDOM_GRAPHS ?? 150);

/** The units and the memory of a random graph, or null where it cannot be evaluated. */
function prepared(made: Choices): Prepared | null {
  const ask: Ask = askOf(engine, randomGraph(engine, made, { mixed: true }), made.seed);
  if (!('seen' in answer(engine, ask))) return null;
  const { outputs, retainGrad, backward } = ask;
  const roots = typeof backward === 'object' ? new Map(Object.entries(backward)) : backward;
  const recorded = record(ask.graph, ask.leaves, { outputs, retainGrad, backward: roots });
  return prepare(recorded, engine.rt);
}

const eachPrepared = (check: (found: Prepared) => void) =>
  fc.assert(
    fc.property(choices(), (made) => {
      const found = prepared(made);
      if (found !== null) check(found);
    }),
    { numRuns: RUNS },
  );

const instrsOf = (unit: Unit): Instr[] =>
  unit.kind === 'single' ? [unit.instr] : [...unit.members, ...unit.sums];

test('each unit comes after what it reads', () => {
  eachPrepared(({ units, graph }) => {
    const written = new Set<Buffer>();
    const reads = ({ buffer }: View): void => {
      if (buffer.source.kind === 'computed' && buffer.numel > 0) expect(written.has(buffer)).toBe(true);
    };
    for (const unit of units) {
      if (unit.kind === 'single') readsOf(unit).forEach(reads);
      else {
        readsOf(unit).forEach(reads);
        for (const { operands, out } of [...unit.members, ...unit.sums]) {
          operands.forEach(reads);
          written.add(out.buffer);
        }
      }
      for (const { buffer } of writesOf(unit)) written.add(buffer);
    }
    graph.results.forEach(reads);
  });
});

test('every instruction is in one unit', () => {
  eachPrepared(({ units, graph }) => {
    const found = units.flatMap(instrsOf);
    expect(new Set(found).size).toBe(found.length);
    for (const instr of graph.instrs) expect(found).toContain(instr);
  });
});

/** When the bytes of each placed buffer are in use: from the unit that writes it to the last that reads it. */
function lifetimes({ units, placement }: Prepared): { buffer: Buffer; from: number; to: number }[] {
  const found = new Map<Buffer, { buffer: Buffer; from: number; to: number }>();
  const use = (buffer: Buffer, at: number): void => {
    if (!placement.offsets.has(buffer)) return;
    const life = found.get(buffer) ?? { buffer, from: at, to: at };
    found.set(buffer, { ...life, to: at });
  };
  units.forEach((unit, at) => {
    for (const buffer of placement.known[at] ?? []) use(buffer, at);
    for (const { buffer } of [...readsOf(unit), ...writesOf(unit)]) use(buffer, at);
  });
  return [...found.values()];
}

test('no two buffers that are in use at the same time have a byte in common', () => {
  eachPrepared((found) => {
    const { offsets, bytes } = found.placement;
    const lives = lifetimes(found);
    lives.forEach((a, i) => {
      const start = offsets.get(a.buffer) as number;
      expect(start % 16).toBe(0);
      expect(start + bytesOf(a.buffer)).toBeLessThanOrEqual(bytes);
      for (const b of lives.slice(0, i)) {
        const other = offsets.get(b.buffer) as number;
        const apart = start + bytesOf(a.buffer) <= other || other + bytesOf(b.buffer) <= start;
        expect(apart || a.to < b.from || b.to < a.from).toBe(true);
      }
    });
  });
});

test('what is read from memory has a place, and results have one of their own', () => {
  eachPrepared(({ units, graph, placement }) => {
    const { offsets, results, known } = placement;
    const outside = new Set([...results, ...graph.inputs.map(({ buffer }) => buffer)]);
    for (const buffer of results) expect(offsets.has(buffer)).toBe(false);
    const written = new Set(results.filter(({ source }) => source.kind !== 'computed'));
    units.forEach((unit, at) => {
      for (const buffer of known[at] ?? []) written.add(buffer);
      for (const { buffer } of readsOf(unit)) {
        if (unit.kind === 'loop' && buffer.source.kind === 'uniform') continue;
        if (buffer.numel === 0) continue;
        expect(offsets.has(buffer) || outside.has(buffer)).toBe(true);
        if (buffer.source.kind === 'data' || buffer.source.kind === 'uniform')
          expect(written.has(buffer)).toBe(true);
      }
    });
  });
});

describe('fusion', () => {
  const leaves: Leaves = {
    x: { dtype: 'float64', shape: [8, 9], data: [], requiresGrad: false },
    r: { dtype: 'float64', shape: [9], data: [], requiresGrad: false },
    f: { dtype: 'float32', shape: [8, 9], data: [], requiresGrad: false },
  };
  const shape = (text: string): string[] =>
    prepare(record(text, leaves), engine.rt).units.map((unit) =>
      unit.kind === 'loop' ? `loop ${unit.members.length}+${unit.sums.length}` : unit.instr.from,
    );

  test.each([
    ['(x * 2 + r).tanh() > 0', ['loop 4+0']],
    ['(x * r).sum()', ['loop 1+1']],
    ['(x * r).sum(1)', ['loop 1+1']],
    ['(x * r).sum(0)', ['loop 1+0', 'sum']],
    ['(x * 2) @ (r + 1)', ['loop 1+0', 'loop 1+0', 'mv']],
    ['f + x', ['cast', 'loop 1+0']],
    ['torch.where(x > 0, x, r)', ['loop 2+0']],
  ])('%s', (text, units) => {
    expect(shape(text)).toEqual(units);
  });
});

describe('what must hold of every graph', () => {
  const buffer = (): Buffer => newBuffer('float64', 2, { kind: 'computed' });
  const view = (of: Buffer): View => new View(of, contiguousLayout([2]), 0);
  const copy = (from: Buffer, to: Buffer): Instr => ({
    kind: 'copy',
    operands: [view(from)],
    out: view(to),
    where: null,
    from: 'clone',
  });
  const given = newBuffer('float64', 2, { kind: 'input', name: 'x' });
  const [a, b] = [buffer(), buffer()];

  test('a graph that is right', () => {
    const instrs = [copy(given, a), copy(a, b)];
    expect(() => verify({ instrs, inputs: [view(given)], results: [view(b)] })).not.toThrow();
  });

  test.each<[string, Instr[], View[]]>([
    ['reads buffer', [copy(a, b), copy(given, a)], []],
    ['is written twice', [copy(given, a), copy(given, a)], []],
    ['a result reads buffer', [copy(given, a)], [view(b)]],
  ])('%s', (message, instrs, results) => {
    expect(() => verify({ instrs, inputs: [view(given)], results })).toThrow(message);
  });
});
