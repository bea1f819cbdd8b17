import type { Trace, TraceNode } from './trace.ts';

/** A trace as its JSON text, without the graph that it describes. */
export class TraceText {
  private readonly text: string;
  /** The number of nodes. */
  readonly size: number;

  constructor(trace: Trace) {
    this.text = trace.toText();
    this.size = trace.size;
  }

  toText(): string {
    return this.text;
  }

  /** As `JSON.stringify` sees it. */
  toJSON(): { roots: Record<string, number>; nodes: TraceNode[] } {
    return JSON.parse(this.text);
  }

  get nodes(): TraceNode[] {
    return this.toJSON().nodes;
  }

  /** The node id of each named root. */
  get roots(): ReadonlyMap<string, number> {
    return new Map(Object.entries(this.toJSON().roots));
  }
}
