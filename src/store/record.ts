/** A registered graph as it is kept. */
export interface GraphRecord {
  /** The hash of the canonical content, in hex: the same id means the same body. */
  readonly id: string;
  /** Unique among the graphs that have one. */
  readonly name: string | null;
  /** Canonical JSON text. */
  readonly body: string;
  /** An ISO time. */
  readonly created: string;
}

export interface Kept {
  /** What the store has now; with `name-taken` the graph that has the name. */
  record: GraphRecord;
  status: 'created' | 'known' | 'name-taken';
}

export interface Page {
  records: GraphRecord[];
  /** The cursor of the next page; null on the last one. */
  next: string | null;
}

/**
 * Where registered graphs are kept. Every method rejects with the GraddError `overloaded` when the store does not
 * answer; what was asked may have been done all the same, and may be asked again: each method can be repeated.
 */
export interface GraphStore {
  /**
   * Keeps a graph unless it is there already; one step, also between processes. A known graph keeps its first date and
   * its first name: without one it takes the name that is given now, with one another name is ignored. `name-taken`,
   * and nothing changes, when another graph has the name.
   *
   * @throws GraddError `limit-exceeded` where graphs are kept in memory and there would be too much of them
   */
  put(record: GraphRecord): Promise<Kept>;
  get(id: string): Promise<GraphRecord | null>;
  byName(name: string): Promise<GraphRecord | null>;
  /**
   * The graphs after `cursor` in order of id: at most `limit` (at least 1) of them, and fewer where their bodies are
   * large, so that only `next` says which page is the last.
   *
   * @param cursor null, or `next` of the page before; the graph that it names need not exist any more
   */
  list(cursor: string | null, limit: number): Promise<Page>;
  /** Whether there was such a graph. Its name is free again. */
  delete(id: string): Promise<boolean>;
  close(): Promise<void>;
}

/** A page ends with the record that brings its bodies to this many characters. */
export const PAGE_BUDGET = 2 ** 24;

/** How long a store may take to answer, in milliseconds. */
export const PATIENCE_MS = 1000;
