import { GraddError } from '../errors.ts';
import type { Value } from '../tensor/value.ts';
import { maybeFlag, text } from './params.ts';

/** The arguments by which a loss says how the losses of its elements are brought together. */
export const legacy = { size_average: maybeFlag(), reduce: maybeFlag(), reduction: text('mean') };

export interface Legacy {
  size_average: boolean | null;
  reduce: boolean | null;
  reduction: string;
}

/** The reduction that the arguments mean: the legacy ones win, as in PyTorch. */
export function reductionOf(
  { size_average, reduce, reduction }: Legacy,
  known = ['none', 'mean', 'sum'],
): string {
  if (size_average !== null || reduce !== null) {
    return reduce === false ? 'none' : size_average === false ? 'sum' : 'mean';
  }
  if (known.includes(reduction)) return reduction;
  throw new GraddError('invalid-argument', `${reduction} is not a valid value for reduction`);
}

/** The losses of the elements brought together. */
export const reduced = (losses: Value, reduction: string): Value =>
  reduction === 'mean' ? losses.mean() : reduction === 'sum' ? losses.sum() : losses;
