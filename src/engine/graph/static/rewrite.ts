import { type Layout, sameShape } from '../../tensor/layout.ts';
import {
  type Buffer,
  type Instr,
  operandsOf,
  resultsOf,
  rewire,
  type StaticGraph,
  sameLayout,
  uniformOf,
  View,
} from './ir.ts';

/** What passes did, for the plan: how often each thing was done. */
export class Journal {
  private readonly counts = new Map<string, number>();

  note(why: string, times = 1): void {
    this.counts.set(why, (this.counts.get(why) ?? 0) + times);
  }

  /** Each reason with its count, in the order in which they came up. */
  get entries(): [why: string, times: number][] {
    return [...this.counts];
  }
}

/** Repeats the one element of a uniform view over a layout's shape. */
const spread = (view: View, { shape, numel }: Layout): View =>
  new View(view.buffer, { shape, strides: shape.map(() => 0), numel, contiguous: numel <= 1 }, view.offset);

/**
 * Buffers that need not be computed, since their elements are those of another view. What is read of such a buffer is
 * read from there.
 */
export class Substitution {
  private readonly instead = new Map<Buffer, { layout: Layout; view: View }>();
  private readonly graph: StaticGraph;
  private whole: ReadonlySet<Buffer> | null = null;

  constructor(graph: StaticGraph) {
    this.graph = graph;
  }

  private readWhole(buffer: Buffer): boolean {
    this.whole ??= wholeOnly(this.graph);
    return this.whole.has(buffer);
  }

  /** Whether `view` can stand for the result `out` wherever that is read. */
  fits(out: View, view: View): boolean {
    if (out.dtype !== view.dtype || !sameShape(out.layout.shape, view.layout.shape)) return false;
    return uniformOf(view) !== undefined || sameLayout(out.layout, view.layout) || this.readWhole(out.buffer);
  }

  put(out: View, view: View): void {
    this.instead.set(out.buffer, { layout: out.layout, view });
  }

  /** The view to read instead. */
  readonly resolve = (view: View): View => {
    const found = this.instead.get(view.buffer);
    if (found === undefined) return view;
    const { layout, view: other } = found;
    if (uniformOf(other) !== undefined) return spread(other, view.layout);
    if (sameLayout(layout, other.layout))
      return new View(other.buffer, view.layout, other.offset + view.offset);
    return other;
  };
}

/** The buffers of which only the whole result is ever read, in its own shape and layout. */
function wholeOnly({ instrs, results }: StaticGraph): Set<Buffer> {
  const written = new Map<Buffer, Layout>();
  const partly = new Set<Buffer>();
  const read = (view: View): void => {
    const layout = written.get(view.buffer);
    if (layout === undefined) return;
    if (view.offset !== 0 || !sameShape(view.layout.shape, layout.shape) || !sameLayout(view.layout, layout))
      partly.add(view.buffer);
  };
  for (const instr of instrs) {
    for (const view of operandsOf(instr)) read(view);
    for (const view of resultsOf(instr)) written.set(view.buffer, view.layout);
  }
  for (const view of results) read(view);
  return new Set([...written.keys()].filter((buffer) => !partly.has(buffer)));
}

/**
 * What a pass does with an instruction whose operands are replaced already: the instruction to keep (the same or
 * another), or null where nothing is left of it.
 */
export type Visit = (instr: Instr, substitution: Substitution) => Instr | null;

/** Goes over the instructions once, in order; each passes is asked in turn, so that one finds what another made of it. */
export function rewriteAll(graph: StaticGraph, visits: readonly Visit[]): void {
  const substitution = new Substitution(graph);
  const kept: Instr[] = [];
  for (const instr of graph.instrs) {
    rewire(instr, substitution.resolve);
    let next: Instr | null = instr;
    for (let i = 0; i < visits.length && next !== null; i++) next = (visits[i] as Visit)(next, substitution);
    if (next !== null) kept.push(next);
  }
  graph.instrs = kept;
  graph.results = graph.results.map(substitution.resolve);
}
