import { GraddError, type Tensor } from '../../engine/index.ts';
import type { Evaluator } from '../evaluator.ts';
import type { Faults } from '../faults.ts';
import { readAll } from '../form.ts';
import { constantsOf, type Expected, expectedOf, parseLeaf } from './leaves.ts';
import type { Registered } from './registered.ts';
import { RowFaults, RowReader } from './rows.ts';
import { Dimensions } from './shapes.ts';

/** The leaves of a batch. */
export class BatchLeaves {
  readonly batched = new Set<string>();
  /** Complaints about single rows, where such rows are skipped. */
  readonly faults = new RowFaults();
  private count: { rows: number; leaf: string } | null = null;
  private readonly dimensions = new Dimensions();
  private readonly evaluator: Evaluator;
  private readonly graph: Registered;
  private readonly rowReader: RowReader | null;

  /** @param skip whether rows that are not well formed are noted, not refused */
  constructor(evaluator: Evaluator, graph: Registered, skip: boolean) {
    this.evaluator = evaluator;
    this.graph = graph;
    this.rowReader = skip ? new RowReader(evaluator, this.dimensions, this.faults) : null;
  }

  get rows(): number {
    return this.count?.rows ?? 0;
  }

  /** All leaves: those given, in their order, then the constants. */
  read(record: Record<string, unknown>, faults: Faults): Map<string, Tensor> {
    this.evaluator.checkCount(record, 'leaves');
    const leaves = readAll(record, 'leaves', faults, (value, name) => this.leaf(name, value));
    for (const [name, tensor] of constantsOf(this.evaluator, this.graph, record)) leaves.set(name, tensor);
    if (this.count === null && !faults.found) {
      const message = 'At least one leaf must have a dimension more in front, with a value for each row';
      faults.add(new GraddError('invalid-request', message, { path: ['leaves'] }));
    }
    return leaves;
  }

  private leaf(name: string, value: unknown): Tensor {
    const expected = expectedOf(this.graph, name);
    const { tensor, requiresGrad } = this.parse(name, value, expected);
    return this.evaluator.engine.leaf(tensor, requiresGrad);
  }

  private parse(name: string, value: unknown, expected: Expected): { tensor: Tensor; requiresGrad: boolean } {
    const path = ['leaves', name];
    try {
      const parsed = parseLeaf(this.evaluator, value, path, expected);
      this.place(name, parsed.tensor, expected, path);
      return parsed;
    } catch (error) {
      if (this.rowReader === null || typeof value !== 'object' || value === null) throw error;
      const read = this.rowReader.read(name, value, expected, error);
      this.countRows(name, read.tensor, path);
      return read;
    }
  }

  /** Finds out whether a leaf has rows. */
  private place(name: string, tensor: Tensor, { shape: expected }: Expected, path: string[]): void {
    const { shape } = tensor;
    const extra = expected === null ? 1 : shape.length - expected.length;
    if (shape.length === 0 && expected === null)
      throw new GraddError('shape-mismatch', 'a node that is fed needs a value for each row', { path });
    if (extra !== 0 && extra !== 1) {
      const message = `expected shape [${expected?.join(', ')}], or one dimension more in front, got [${shape.join(', ')}]`;
      throw new GraddError('shape-mismatch', message, { path });
    }
    if (expected !== null) this.dimensions.check(name, expected, shape.slice(extra), path);
    if (extra === 1) this.countRows(name, tensor, path);
  }

  private countRows(name: string, { shape }: Tensor, path: string[]): void {
    const rows = shape[0] as number;
    this.count ??= { rows, leaf: name };
    this.batched.add(name);
    if (rows === 0) throw new GraddError('invalid-request', 'a batch must have at least one row', { path });
    if (rows === this.count.rows) return;
    const message = `expected ${this.count.rows} rows as "${this.count.leaf}" has, got ${rows}`;
    throw new GraddError('shape-mismatch', message, { path });
  }
}
