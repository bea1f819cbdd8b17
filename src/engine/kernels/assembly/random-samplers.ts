// Distributions beside the uniform and the normal one, drawn in the order of PyTorch.
import { at, put } from './element';
import { exponentially, normally, uniformly } from './random-generator';
import { log1pOf } from './random-math';
import { digammaOf, logGamma } from './special-gamma';

/** Numbers of the exponential distribution. @kernel float */
export function exponential<T>(out: usize, n: i32, lambda: f64): void {
  for (let i = 0; i < n; i++) put<T>(out, i, <T>exponentially(lambda));
}

/** Numbers of the Cauchy distribution. @kernel float */
export function cauchy<T>(out: usize, n: i32, median: f64, sigma: f64): void {
  for (let i = 0; i < n; i++) put<T>(out, i, <T>(median + sigma * Math.tan(Math.PI * (uniformly<f64>() - 0.5))));
}

/** Numbers whose logarithms are normal. @kernel float */
export function log_normal<T>(out: usize, n: i32, mean: f64, std: f64): void {
  for (let i = 0; i < n; i++) put<T>(out, i, <T>Math.exp(normally() * std + mean));
}

/** At which trial the first one succeeds, each with probability p. @kernel number */
export function geometric<T>(out: usize, n: i32, p: f64): void {
  const failure = log1pOf(-p);
  for (let i = 0; i < n; i++) put<T>(out, i, <T>ceil<f64>(Math.log(uniformly<f64>()) / failure));
}

/** Numbers of the gamma distributions of the given shapes. @kernel float */
export function standard_gamma<T>(out: usize, shapes: usize, n: i32): void {
  const least: f64 = sizeof<T>() == 4 ? 1.1754943508222875e-38 : 2.2250738585072014e-308;
  for (let i = 0; i < n; i++) put<T>(out, i, <T>max<f64>(least, oneGamma(<f64>at<T>(shapes, i))));
}

/** By squeezing a cube of a normal number (Marsaglia and Tsang, 2000). */
function oneGamma(shape: f64): f64 {
  if (shape == 0) return 0;
  if (!(shape > 0)) return NaN;
  let scale: f64 = 1;
  if (shape < 1) {
    scale = Math.pow(1 - uniformly<f64>(), 1 / shape);
    shape += 1;
  }
  const d = shape - 1.0 / 3, c = 1 / sqrt<f64>(9 * d);
  while (true) {
    let x = normally(), y = 1 + c * x;
    while (y <= 0) {
      x = normally();
      y = 1 + c * x;
    }
    const v = y * y * y, u = 1 - uniformly<f64>(), xx = x * x;
    if (u < 1 - 0.0331 * xx * xx) return scale * d * v;
    if (Math.log(u) < 0.5 * xx + d * (1 - v + Math.log(v))) return scale * d * v;
  }
}

/** How numbers of gamma distributions change with the shape, at the same probability. @kernel float */
export function standard_gamma_grad<T>(out: usize, shapes: usize, values: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(out, i, <T>gammaSlope(<f64>at<T>(shapes, i), <f64>at<T>(values, i)));
}

/** From where on a gamma number is close to the cube of a normal one (Wilson and Hilferty). */
const MANY: f64 = 1000;

/** -(dF/da) / (dF/dx) of the distribution function F(a, x). */
function gammaSlope(a: f64, x: f64): f64 {
  if (!(x > 0) || !(a > 0)) return 0;
  if (a > MANY) {
    const root = Math.cbrt(x / a), z = (root - 1 + 1 / (9 * a)) * 3 * sqrt<f64>(a);
    return root * root * root + 3 * root * root * (1 / (9 * a) - z / (6 * sqrt<f64>(a)));
  }
  // F is x^a e^-x / Gamma(a + 1) times the sum of x^n / ((a + 1) … (a + n)); dF/dx is that factor times a / x.
  let term: f64 = 1, sum: f64 = 1, turned: f64 = 0, harmonic: f64 = 0;
  for (let n = 1; n < 8 * <i32>MANY; n++) {
    term *= x / (a + n);
    harmonic += 1 / (a + n);
    sum += term;
    turned += term * harmonic;
    if (<f64>n > x && term * harmonic < 1e-17 * sum) break;
  }
  return -(x / a) * (sum * (Math.log(x) - digammaOf(a + 1)) - turned);
}

/** How many of `counts` trials succeed, with the probabilities `chances`. @kernel float */
export function binomial<T>(out: usize, counts: usize, chances: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(out, i, <T>oneBinomial(<f64>at<T>(counts, i), <f64>at<T>(chances, i)));
}

function oneBinomial(count: f64, p: f64): f64 {
  if (isNaN(count) || isNaN(p)) return NaN;
  if (count <= 0 || p <= 0) return 0;
  if (p >= 1) return count;
  if (p > 0.5) return count - fewer(count, 1 - p);
  return fewer(count, p);
}

function fewer(count: f64, p: f64): f64 {
  return count * p >= 10 ? manySuccesses(count, p) : fewSuccesses(count, p);
}

/** By counting geometric numbers. */
function fewSuccesses(count: f64, p: f64): f64 {
  const failure = log1pOf(-p);
  let trials: f64 = 0, found: f64 = 0;
  while (true) {
    trials += ceil<f64>(Math.log(uniformly<f64>()) / failure);
    if (trials > count) return found;
    found++;
  }
}

/** By transformed rejection (Hörmann, 1993). */
function manySuccesses(count: f64, p: f64): f64 {
  const deviation = sqrt<f64>(count * p * (1 - p)), b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p, c = count * p + 0.5, level = 0.92 - 4.2 / b;
  const odds = p / (1 - p), alpha = (2.83 + 5.1 / b) * deviation, mode = floor<f64>((count + 1) * p);
  const top = logGamma(mode + 1) + logGamma(count - mode + 1);
  while (true) {
    const u = uniformly<f64>() - 0.5, v = uniformly<f64>(), us = 0.5 - abs<f64>(u);
    const k = floor<f64>((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= level) return k;
    if (k < 0 || k > count) continue;
    const left = Math.log(v * alpha / (a / (us * us) + b));
    if (left <= top - logGamma(k + 1) - logGamma(count - k + 1) + (k - mode) * Math.log(odds)) return k;
  }
}
