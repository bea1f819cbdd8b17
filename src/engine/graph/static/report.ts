import type { StaticGraph } from './ir.ts';
import { Journal } from './rewrite.ts';

/** What the rewriting did with a graph. */
export interface Report {
  /** Instructions as they were recorded, and after all rewriting. */
  readonly recorded: number;
  readonly kept: number;
  /** What each stage did, and how often. */
  readonly stages: readonly {
    readonly name: string;
    readonly changes: readonly (readonly [why: string, times: number])[];
  }[];
}

/** Takes note of what the stages do. */
export class Reporter {
  private readonly recorded: number;
  private readonly journals: [name: string, journal: Journal][] = [];

  constructor({ instrs }: StaticGraph) {
    this.recorded = instrs.length;
  }

  /** Where a stage writes down what it does. */
  journal(name: string): Journal {
    const journal = new Journal();
    this.journals.push([name, journal]);
    return journal;
  }

  finish({ instrs }: StaticGraph): Report {
    const stages = this.journals.map(([name, { entries }]) => ({ name, changes: entries }));
    return { recorded: this.recorded, kept: instrs.length, stages };
  }
}
