import { GraddError } from '../errors.ts';
import type { Value } from '../tensor/value.ts';
import { product } from './fold.ts';

const sizes = (x: Value, dims: readonly number[]): number[] => dims.map((d) => x.size(d));

/** Dimensions by where they are wider than 1: in both factors, the left alone, and the right alone or nowhere. */
interface Split {
  left: Value;
  right: Value;
  both: number[];
  leftOnly: number[];
  rest: number[];
  summed: number;
}

function match(a: number, b: number): void {
  if (a !== b) throw new GraddError('shape-mismatch', 'non-broadcast dimensions must match');
}

/** Sorts the dimensions; one that is summed over and has but one factor is summed at once. */
function split(left: Value, right: Value, sum: ReadonlySet<number>): Split {
  const out: Split = { left, right, both: [], leftOnly: [], rest: [], summed: 1 };
  for (let d = 0; d < left.ndim; d++) {
    const [wideLeft, wideRight] = [left.size(d) !== 1, right.size(d) !== 1];
    if (wideLeft && wideRight) match(left.size(d), right.size(d));
    if (sum.has(d)) {
      if (wideLeft && wideRight) out.summed *= left.size(d);
      else if (wideLeft) out.left = out.left.sum([d], true);
      else if (wideRight) out.right = out.right.sum([d], true);
    } else if (wideLeft && wideRight) out.both.push(d);
    else if (wideLeft) out.leftOnly.push(d);
    else out.rest.push(d);
  }
  return precedes(out.rest, out.leftOnly) ? swapped(out) : out;
}

/** Whether all dimensions of one list come before all of the other. */
const precedes = (a: readonly number[], b: readonly number[]): boolean =>
  a.length > 0 && b.length > 0 && (a[a.length - 1] as number) < (b[0] as number);

/** The factors exchanged, so that their product has its dimensions in order. */
const swapped = ({ left, right, leftOnly, rest, ...same }: Split): Split => ({
  ...same,
  left: right,
  right: left,
  leftOnly: rest,
  rest: leftOnly,
});

/**
 * The sum over some dimensions of the products of two values with as many dimensions, which keep size 1: PyTorch's
 * `sumproduct_pair`, a batch of products of matrices.
 */
export function sumOfProducts(a: Value, b: Value, sum: readonly number[]): Value {
  if (sum.length === 0) return a.mul(b);
  const { left, right, both, leftOnly, rest, summed } = split(a, b, new Set(sum));
  const order = [...both, ...leftOnly, ...sum, ...rest];
  const shape = [...sizes(left, [...both, ...leftOnly]), ...sum.map(() => 1), ...sizes(right, rest)];
  const [batch, rows, cols] = [
    product(sizes(left, both)),
    product(sizes(left, leftOnly)),
    product(sizes(right, rest)),
  ];
  const matrices = left.permute(order).reshape([batch, rows, summed]);
  const others = right.permute([...both, ...sum, ...rest, ...leftOnly]).reshape([batch, summed, cols]);
  const back = order.map((_, d) => order.indexOf(d));
  return matrices.bmm(others).view(shape).permute(back);
}
