import { facts } from '../../tensor/dtype.ts';
import { type Buffer, type StaticGraph, uniformOf } from './ir.ts';
import { readsOf, type Unit, writesOf } from './schedule.ts';

const ALIGN = 16;

export const bytesOf = ({ dtype, numel }: Buffer): number =>
  Math.ceil((Math.max(1, numel) * facts[dtype].size) / ALIGN) * ALIGN;

/** Where everything lies while a graph runs. */
export interface Placement {
  /** Byte offsets of what is needed for a while only, from the base of the run. */
  readonly offsets: ReadonlyMap<Buffer, number>;
  /** Bytes for all of that. */
  readonly bytes: number;
  /** Bytes that would be needed if nothing was used again. */
  readonly total: number;
  /** Buffers that results are, which outlive the run. */
  readonly results: readonly Buffer[];
  /** Known buffers that must be written before the unit of that number runs. */
  readonly known: readonly (readonly Buffer[])[];
}

/** Gives bytes that are free again to what comes next: exact sizes first, so that the work is linear. */
class FreeLists {
  private readonly lists = new Map<number, number[]>();
  top = 0;

  take(bytes: number): number {
    const offset = this.lists.get(bytes)?.pop();
    if (offset !== undefined) return offset;
    this.top += bytes;
    return this.top - bytes;
  }

  give(bytes: number, offset: number): void {
    const list = this.lists.get(bytes);
    if (list === undefined) this.lists.set(bytes, [offset]);
    else list.push(offset);
  }
}

const isKnown = ({ source }: Buffer): boolean => source.kind === 'uniform' || source.kind === 'data';

/** Finds a place for every buffer that is in memory at some time, those that are never there together in the same one. */
export function place(graph: StaticGraph, units: readonly Unit[]): Placement {
  const { lastRead, known } = survey(units);
  const results = [...new Set(graph.results.map(({ buffer }) => buffer))].filter(
    ({ source }) => source.kind !== 'input',
  );
  const kept = new Set(results);
  const free = new FreeLists();
  const offsets = new Map<Buffer, number>();
  let total = 0;
  const ending: Buffer[][] = units.map(() => []);
  const give = (buffer: Buffer): void => free.give(bytesOf(buffer), offsets.get(buffer) as number);
  const take = (buffer: Buffer, at: number): void => {
    const last = lastRead.get(buffer);
    if (kept.has(buffer) || offsets.has(buffer) || (last === undefined && units[at]?.kind === 'loop')) return;
    offsets.set(buffer, free.take(bytesOf(buffer)));
    total += bytesOf(buffer);
    (ending[Math.max(last ?? at, at)] as Buffer[]).push(buffer);
  };
  units.forEach((unit, at) => {
    for (const buffer of known[at] as Buffer[]) take(buffer, at);
    for (const { buffer } of writesOf(unit)) take(buffer, at);
    for (const buffer of ending[at] as Buffer[]) give(buffer);
  });
  return { offsets, bytes: free.top, total, results, known };
}

/** The last unit that reads a buffer from memory, and the known buffers that each unit is the first to need there. */
function survey(units: readonly Unit[]): { lastRead: Map<Buffer, number>; known: Buffer[][] } {
  const lastRead = new Map<Buffer, number>();
  const seen = new Set<Buffer>();
  const known = units.map((unit, at) => {
    const first: Buffer[] = [];
    for (const view of readsOf(unit)) {
      const { buffer } = view;
      if (unit.kind === 'loop' && uniformOf(view) !== undefined) continue;
      lastRead.set(buffer, at);
      if (!isKnown(buffer) || seen.has(buffer)) continue;
      seen.add(buffer);
      first.push(buffer);
    }
    return first;
  });
  return { lastRead, known };
}
