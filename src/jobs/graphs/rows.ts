import { GraddError, joinErrors, type Path, type Tensor } from '../../engine/index.ts';
import type { Evaluator } from '../evaluator.ts';
import { bytesOf } from '../wire.ts';
import { checkDType, type Expected } from './leaves.ts';
import type { Dimensions } from './shapes.ts';

/** The complaints about single rows of a batch. */
export class RowFaults {
  private readonly found = new Map<number, GraddError[]>();

  add(row: number, error: GraddError): void {
    const known = this.found.get(row);
    if (known === undefined) this.found.set(row, [error]);
    else known.push(error);
  }

  get size(): number {
    return this.found.size;
  }

  has(row: number): boolean {
    return this.found.has(row);
  }

  *errors(): Generator<{ row: number; error: GraddError }> {
    for (const [row, errors] of this.found) yield { row, error: joinErrors(errors) };
  }
}

interface Source {
  /** One value for each row. */
  rows: readonly unknown[];
  /** The shape of each row, where the rows are flat. */
  shape: number[] | null;
  dtype: unknown;
  requiresGrad: boolean | undefined;
  /** Where the rows are in the body. */
  path: Path;
}

/** The rows of a leaf's JSON; null where it has none. */
function sourceOf(value: unknown, path: Path): Source | null {
  if (Array.isArray(value))
    return { rows: value, shape: null, dtype: undefined, requiresGrad: undefined, path };
  const { data, shape, dtype, requires_grad: requiresGrad } = value as Record<string, unknown>;
  if (!Array.isArray(data)) return null;
  const source = { dtype, requiresGrad: requiresGrad as boolean | undefined, path: [...path, 'data'] };
  const [count, ...row] = (Array.isArray(shape) ? shape : []) as number[];
  if (count === undefined || Array.isArray(data[0]) || data.length === count)
    return { ...source, rows: data, shape: null };
  const size = row.reduce((a, b) => a * b, 1);
  if (size === 0 || count * size !== data.length) return null;
  const rows = Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size));
  return { ...source, rows, shape: row };
}

/** Whether some row is nested as deep as a row should be. */
function hasRank({ rows, shape }: Source, rank: number): boolean {
  if (shape !== null) return shape.length === rank;
  return rows.some((row) => {
    let inner = row;
    let depth = 0;
    for (; Array.isArray(inner) && depth <= rank; depth++) inner = inner[0];
    return depth === rank;
  });
}

/** Whether all faults of an error are within rows, so that each row can be judged by itself. */
export const isWithinRows = (error: unknown, { path }: { path: Path }): error is GraddError =>
  error instanceof GraddError &&
  error.code === 'invalid-request' &&
  error.faults.every((fault) => typeof fault.path[path.length] === 'number');

/** A leaf read row by row. */
export class RowReader {
  private readonly evaluator: Evaluator;
  private readonly dimensions: Dimensions;
  private readonly faults: RowFaults;

  constructor(evaluator: Evaluator, dimensions: Dimensions, faults: RowFaults) {
    this.evaluator = evaluator;
    this.dimensions = dimensions;
    this.faults = faults;
  }

  /**
   * A leaf of a batch, of which some rows are bad: those are noted, and their elements are of no meaning.
   *
   * @param error what was wrong with it as a whole
   * @throws the error where it is not about single rows
   */
  read(
    name: string,
    value: unknown,
    expected: Expected,
    error: unknown,
  ): { tensor: Tensor; requiresGrad: boolean } {
    const source = sourceOf(value, ['leaves', name]);
    const rank = expected.shape?.length;
    if (source === null || !isWithinRows(error, source)) throw error;
    if (rank !== undefined && !hasRank(source, rank)) throw error;
    const { rt } = this.evaluator;
    const rows = source.rows.map((_, row) => this.readRow(name, source, row, expected));
    const first = rows.find((row) => row !== null);
    const shape = [rows.length, ...(first?.shape ?? [])];
    const tensor = rt.empty(first?.dtype ?? expected.dtype, shape);
    const bytes = first === undefined || first === null ? 0 : tensorBytes(first);
    rows.forEach((row, i) => {
      if (row === null) return;
      if (row.shape.join() === first?.shape.join()) rt.copyTo(tensor.ptr + i * bytes, row);
      else this.faults.add(i, ragged(source, i));
    });
    return { tensor, requiresGrad: source.requiresGrad ?? expected.requiresGrad };
  }

  private readRow(name: string, source: Source, row: number, expected: Expected): Tensor | null {
    const { dtype, shape } = source;
    const json = { data: source.rows[row], ...(dtype !== undefined && { dtype }), ...(shape && { shape }) };
    const at = [...source.path, row];
    try {
      const { tensor } = this.evaluator.parse(json, [], { dtype: expected.dtype, leaf: false });
      if (expected.shape === null) return tensor;
      checkDType(tensor.dtype, expected.dtype, null, at);
      this.dimensions.check(name, expected.shape, tensor.shape, at);
      return tensor;
    } catch (error) {
      if (!(error instanceof GraddError) || error.code === 'deadline-exceeded') throw error;
      this.faults.add(row, error.code === 'invalid-request' ? placedAt(error, source, row) : error);
      return null;
    }
  }
}

const tensorBytes = ({ numel, dtype }: Tensor): number => numel * bytesOf[dtype];

const ragged = ({ path }: Source, row: number): GraddError =>
  new GraddError('shape-mismatch', 'the row has another shape than those before', { path: [...path, row] });

/** The faults of a row by itself at their places in the body. */
function placedAt(error: GraddError, { path, shape }: Source, row: number): GraddError {
  const size = shape?.reduce((a, b) => a * b, 1);
  error.faults = error.faults.map((fault) => {
    const [, ...rest] = fault.path;
    const inner = size === undefined ? [row, ...rest] : [row * size + Number(rest[0] ?? 0)];
    return { ...fault, path: [...path, ...inner] };
  });
  return error;
}
