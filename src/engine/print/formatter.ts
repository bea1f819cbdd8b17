import type { Scalar } from '../tensor/dtype.ts';
import { exponential, fixed, scalarRepr } from './number.ts';
import type { PrintOptions } from './options.ts';

/** How the elements of one tensor are written: all in the same notation and width. */
export interface Formatter {
  readonly width: number;
  format(value: Scalar): string;
}

const widest = (texts: Iterable<string>): number => {
  let width = 1;
  for (const text of texts) width = Math.max(width, text.length);
  return width;
};

const aligned = (width: number, text: (value: Scalar) => string): Formatter => ({
  width,
  format: (value) => text(value).padStart(width),
});

/** Whether the magnitudes of these numbers, finite and not zero, ask for scientific notation. */
function wantsScientific(values: readonly number[]): boolean {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const value of values) {
    min = Math.min(min, Math.abs(value));
    max = Math.max(max, Math.abs(value));
  }
  return max / min > 1000 || max > 1e8 || min < 1e-4;
}

/** Whole numbers end in a point, which says that they are floats. */
const whole = (value: number): string => fixed(value, 0) + (Number.isFinite(value) ? '.' : '');

function floatFormatter(values: readonly number[], { precision, sciMode }: PrintOptions): Formatter {
  const telling = values.filter((value) => Number.isFinite(value) && value !== 0);
  if (telling.length === 0) return aligned(1, (value) => whole(Number(value)));
  let write = (value: number): string => fixed(value, precision);
  if (sciMode ?? wantsScientific(telling)) write = (value) => exponential(value, precision);
  else if (telling.every(Number.isInteger)) write = whole;
  return aligned(widest(telling.map(write)), (value) => write(Number(value)));
}

/** @param values the elements that will be written; they decide on notation and width */
export function formatterFor(values: readonly Scalar[], float: boolean, options: PrintOptions): Formatter {
  if (float) return floatFormatter(values as readonly number[], options);
  return aligned(widest(values.map(scalarRepr)), scalarRepr);
}
