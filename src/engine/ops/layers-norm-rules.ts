import type { Shape } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';

/** How a normalised tensor is seen for the sake of its second derivatives. */
export interface Seen {
  /** The input's shape with its normalised dimensions, and those of the weight, apart. */
  readonly shape: Shape;
  /** The dimensions that are normalised over. */
  readonly over: readonly number[];
  /** The weight's shape beside it. */
  readonly weight: Shape;
  /** The dimensions along which a weight is the same. */
  readonly alike: readonly number[];
}

/** A backward pass of a normalisation: its arguments, and itself for another gradient and weight. */
export interface NormBackward {
  readonly grad: Value;
  readonly input: Value;
  readonly weight: Value | null;
  readonly seen: Seen;
  /** x̂ and 1/σ as functions of the input, seen as `seen.shape`. */
  normalised(): { hat: Value; rstd: Value };
  /** The input's gradient for another gradient and weight: J(w g), where J = ∂x̂/∂x is symmetric. */
  slope(grad: Value, weight: Value | null): Value;
  /** Mean and deviation are the input's own. */
  readonly own: boolean;
}

type Three = readonly (Value | null)[];

export const plus = (a: Value | null, b: Value | null): Value | null => (a && b ? a.add(b) : (a ?? b));

/** x̂ and 1/σ as functions of the input, seen with its normalised dimensions apart. */
export function normalised(input: Value, { shape, over }: Seen, eps: number): { hat: Value; rstd: Value } {
  const x = input.reshape(shape);
  const variance = x.apply('var.correction', { self: x, dim: over, correction: 0n, keepdim: true });
  const rstd = variance.add(eps).rsqrt();
  return { hat: x.sub(x.mean(over, true)).mul(rstd), rstd };
}

/** The gradient for the input of its means and its reciprocal deviations. */
export function statisticsRule([ofMean, ofRstd]: Three, input: Value, seen: Seen, eps: number): Value | null {
  if (!ofMean && !ofRstd) return null;
  const count = seen.over.reduce((n, d) => n * (seen.shape[d] as number), 1);
  const { hat, rstd } = normalised(input, seen, eps);
  const first = ofMean ? ofMean.reshape(rstd.shape).expand(seen.shape) : null;
  const second = ofRstd ? ofRstd.reshape(rstd.shape).mul(rstd).mul(rstd).mul(hat).neg() : null;
  return (plus(first, second) as Value).div(count).reshape(input.shape);
}

const see = (x: Value, { shape }: Seen): Value => x.reshape(shape);
const beside = (w: Value, { weight }: Seen): Value => w.reshape(weight);

/** A seen tensor times a weight. */
const scaled = (x: Value, weight: Value | null, seen: Seen): Value =>
  weight === null ? x : x.mul(beside(weight, seen));

/** The gradient for `grad` of J(w g), Σ g x̂ and Σ g. */
export function gradRule([ofInput, ofWeight, ofBias]: Three, b: NormBackward): Value | null {
  const { seen, grad } = b;
  const first = ofInput ? scaled(see(b.slope(ofInput, null), seen), b.weight, seen) : null;
  const second = ofWeight ? b.normalised().hat.mul(beside(ofWeight, seen)) : null;
  const third = ofBias ? beside(ofBias, seen).expand(seen.shape) : null;
  return plus(plus(first, second), third)?.reshape(grad.shape) ?? null;
}

/** The gradient for the weight: Σ g J(c), c the gradient of the input's. */
export function weightRule([ofInput]: Three, b: NormBackward): Value | null {
  if (!ofInput || b.weight === null) return null;
  const terms = see(b.grad, b.seen).mul(see(b.slope(ofInput, null), b.seen));
  return terms.sum(b.seen.alike).reshape(b.weight.shape);
}

/** The gradient for the input of cᵀ J(a), with a = w g. */
function curvature(c: Value, b: NormBackward): Value {
  const { seen, input } = b;
  const a = scaled(see(b.grad, seen), b.weight, seen);
  const d = see(c, seen);
  const { hat, rstd } = b.normalised();
  const mean = (x: Value): Value => x.mean(seen.over, true);
  const [alongA, alongD] = [mean(a.mul(hat)), mean(d.mul(hat))];
  const rest = mean(a.mul(d))
    .sub(mean(a).mul(mean(d)))
    .sub(alongA.mul(alongD));
  const slopes = alongD
    .mul(see(b.slope(b.grad, b.weight), seen))
    .add(alongA.mul(see(b.slope(c, null), seen)));
  return hat.mul(rstd).mul(rest).add(slopes).mul(rstd).neg().reshape(input.shape);
}

export function inputRule([ofInput, ofWeight]: Three, b: NormBackward): Value | null {
  return plus(ofInput && b.own ? curvature(ofInput, b) : null, ofWeight ? b.slope(b.grad, ofWeight) : null);
}
