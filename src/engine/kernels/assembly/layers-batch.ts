// Normalisation of the channels of [N, C, inner]. Means, deviations and sums of channels are float64.
import { at, bytes, put } from './element';
import { rowDot, rowSquares, rowSum, scaleRun, slopeRun } from './layers-norm';

/** Mean and mean square deviation of each channel. @kernel float */
export function channel_moments<T>(means: usize, variances: usize, x: usize, outer: i32, c: i32, inner: i32): void {
  const row = bytes<T>(inner), count = <f64>outer * <f64>inner;
  memory.fill(means, 0, bytes<f64>(c));
  memory.fill(variances, 0, bytes<f64>(c));
  for (let o = 0, p = x; o < outer; o++) {
    for (let i = 0; i < c; i++, p += row) {
      put<f64>(means, i, at<f64>(means, i) + (inner == 1 ? <f64>load<T>(p) : rowSum<T>(p, inner)));
    }
  }
  for (let i = 0; i < c; i++) put<f64>(means, i, at<f64>(means, i) / count);
  for (let o = 0, p = x; o < outer; o++) {
    for (let i = 0; i < c; i++, p += row) {
      const mean = at<f64>(means, i), d = <f64>load<T>(p) - mean;
      put<f64>(variances, i, at<f64>(variances, i) + (inner == 1 ? d * d : rowSquares<T>(p, inner, <T>mean)));
    }
  }
  for (let i = 0; i < c; i++) put<f64>(variances, i, at<f64>(variances, i) / count);
}

/** 1 / √(v + eps). */
@inline function reciprocalRoot(v: f64, eps: f64): f64 { return 1 / Math.sqrt(v + eps); }

/** rstd = 1 / √(variance + eps). @kernel f64 */
export function channel_rstd<T>(rstds: usize, variances: usize, c: i32, eps: f64): void {
  for (let i = 0; i < c; i++) put<f64>(rstds, i, reciprocalRoot(at<f64>(variances, i), eps));
}

/** out = (x - mean) rstd w + b. @kernel float */
export function channel_affine<T>(
  out: usize, x: usize, means: usize, rstds: usize, w: usize, b: usize, outer: i32, c: i32, inner: i32,
): void {
  const row = bytes<T>(inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < c; i++, x += row, out += row) {
      const mean = at<f64>(means, i), scale = at<f64>(rstds, i) * (w ? <f64>at<T>(w, i) : 1);
      const shift: f64 = b ? <f64>at<T>(b, i) : 0;
      if (inner == 1) store<T>(out, <T>((<f64>load<T>(x) - mean) * scale + shift));
      else scaleRun<T>(out, x, inner, <T>mean, <T>scale, <T>shift);
    }
  }
}

/** Σ g and Σ g (x - mean) of each channel. @kernel float */
export function channel_sums<T>(
  sums: usize, dots: usize, g: usize, x: usize, means: usize, outer: i32, c: i32, inner: i32,
): void {
  const row = bytes<T>(inner);
  memory.fill(sums, 0, bytes<f64>(c));
  memory.fill(dots, 0, bytes<f64>(c));
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < c; i++, x += row, g += row) {
      const mean = at<f64>(means, i), y = <f64>load<T>(g);
      put<f64>(sums, i, at<f64>(sums, i) + (inner == 1 ? y : rowSum<T>(g, inner)));
      const dot = inner == 1 ? y * (<f64>load<T>(x) - mean) : rowDot<T>(g, x, inner, <T>mean);
      put<f64>(dots, i, at<f64>(dots, i) + dot);
    }
  }
}

/** The gradient of the input: through mean and deviation where these are the batch's. @kernel float */
export function channel_backward<T>(
  out: usize, g: usize, x: usize, means: usize, rstds: usize, w: usize, sums: usize, dots: usize,
  outer: i32, c: i32, inner: i32, training: i32,
): void {
  const row = bytes<T>(inner), count = <f64>outer * <f64>inner;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < c; i++, x += row, g += row, out += row) {
      const mean = at<f64>(means, i), rstd = at<f64>(rstds, i), scale = rstd * (w ? <f64>at<T>(w, i) : 1);
      const slope = training ? -at<f64>(dots, i) * rstd * rstd * scale / count : 0;
      const shift = training ? -at<f64>(sums, i) * scale / count : 0;
      if (inner == 1) store<T>(out, <T>(<f64>load<T>(g) * scale + ((<f64>load<T>(x) - mean) * slope + shift)));
      else slopeRun<T>(out, g, x, inner, <T>mean, <T>scale, <T>slope, <T>shift);
    }
  }
}
