// Tensors of random numbers, drawn from the generator in the order of PyTorch.
import { at, bytes, put } from './element';
import { draw, draw64, exponentially, normally, pairs64, uniformly } from './random-generator';
import { multiplyAdded } from './random-math';
import { pairs32 } from './random-single';

/** Numbers of [0, 1). @kernel float */
export function uniform<T>(out: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(out, i, uniformly<T>());
}

/** Normal numbers. `filling`: 16 at a time, as PyTorch does it for 16 and more in one piece. @kernel float */
export function normal<T>(out: usize, n: i32, mean: f64, std: f64, filling: i32): void {
  if (!filling) {
    for (let i = 0; i < n; i++) put<T>(out, i, <T>multiplyAdded(normally(), std, mean));
    return;
  }
  uniform<T>(out, n);
  for (let i = 0; i < n - 15; i += 16) transform<T>(out + bytes<T>(i), mean, std);
  if (n % 16 == 0) return;
  uniform<T>(out + bytes<T>(n - 16), 16);
  transform<T>(out + bytes<T>(n - 16), mean, std);
}

@inline function transform<T>(p: usize, mean: f64, std: f64): void {
  if (sizeof<T>() == 4) return pairs32(p, <f32>mean, <f32>std);
  pairs64(p);
  for (let j = 0; j < 16; j++) put<f64>(p, j, multiplyAdded(at<f64>(p, j), std, mean));
}

/** Ones with probability p, else zeros. @kernel all */
export function bernoulli<T>(out: usize, n: i32, p: f64): void {
  for (let i = 0; i < n; i++) put<T>(out, i, <T>(uniformly<f64>() < p));
}

/** Ones with the probabilities p; 1 where one is none. @kernel float */
export function bernoulli_each<T>(out: usize, p: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) {
    const chance = at<T>(p, i);
    if (!(chance >= 0 && chance <= 1)) return 1;
    put<T>(out, i, <T>(uniformly<T>() < chance));
  }
  return 0;
}

/** Whole numbers from `low` on, `range` of them, each as two halves; a range of 0 is all of int64. @kernel all */
export function integers<T>(out: usize, n: i32, rangeHigh: i32, rangeLow: i32, lowHigh: i32, lowLow: i32): void {
  const range = (<u64><u32>rangeHigh << 32) | <u64><u32>rangeLow;
  const low = (<i64>lowHigh << 32) | <i64><u32>lowLow;
  const wide = range == 0 || range >= (1 << 28);
  for (let i = 0; i < n; i++) {
    const bits = wide ? draw64() : <u64>draw();
    put<T>(out, i, whole<T>(<i64>(range == 0 ? bits : bits % range) + low));
  }
}

@inline function whole<T>(x: i64): T {
  if (isFloat<T>() || sizeof<T>() > 1) return <T>x;
  return <T>(x != 0);
}

/** The numbers below n in random order. @kernel number */
export function random_permutation<T>(out: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(out, i, <T>i);
  for (let i = 0; i < n - 1; i++) {
    const j = i + <i32>(draw() % <u32>(n - i)), x = at<T>(out, i);
    put<T>(out, i, at<T>(out, j));
    put<T>(out, j, x);
  }
}

/** Poisson numbers of the given rates; 1 where a rate is negative or NaN. @kernel float */
export function poisson<T>(out: usize, rates: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) {
    const rate = <f64>at<T>(rates, i);
    if (!(rate >= 0)) return 1;
    put<T>(out, i, <T>(rate >= 10 ? manyEvents(rate) : fewEvents(rate)));
  }
  return 0;
}

/** By multiplying uniform numbers. */
function fewEvents(rate: f64): f64 {
  if (rate == 0) return 0;
  const end = Math.exp(-rate);
  let count: f64 = 0;
  for (let product = uniformly<f64>(); product > end; product *= uniformly<f64>()) count++;
  return count;
}

/** By transformed rejection (Hörmann, 1993). */
function manyEvents(rate: f64): f64 {
  const logRate = Math.log(rate);
  const b = 0.931 + 2.53 * sqrt<f64>(rate), a = -0.059 + 0.02483 * b;
  const logAlpha = Math.log(1.1239 + 1.1328 / (b - 3.4)), level = 0.9277 - 3.6224 / (b - 2);
  let k: f64;
  while (true) {
    const u = uniformly<f64>() - 0.5, v = uniformly<f64>(), us = 0.5 - abs<f64>(u);
    k = floor<f64>((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= level) break;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const left = Math.log(v) + logAlpha - Math.log(a / (us * us) + b);
    if (left <= -rate + k * logRate - logFactorial(k)) break;
  }
  return k;
}

/** log(k!), for k from 0 on. */
function logFactorial(k: f64): f64 {
  if (!(k < 9e15)) return k * Math.log(k) - k;
  let x = k + 1, product: f64 = 1;
  while (x < 16) product *= x++;
  const y = 1 / (x * x);
  const series = (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188))))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.9189385332046727 + series - Math.log(product);
}

/** What is wrong with the weights: 1 one is negative, infinite or NaN; 2 a line has no sum above 0. @kernel float */
export function check_weights<T>(weights: usize, lines: i32, n: i32): i32 {
  let empty = false;
  for (let l = 0; l < lines; l++) {
    let sum: f64 = 0;
    for (let i = 0; i < n; i++, weights += bytes<T>(1)) {
      const w = load<T>(weights);
      if (!(w >= 0 && w < Infinity)) return 1;
      sum += w;
    }
    if (!(sum > 0)) empty = true;
  }
  return empty ? 2 : 0;
}

/** Each weight over an exponential number: the largest ones are a sample without replacement. @kernel float */
export function race<T>(out: usize, weights: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(out, i, at<T>(weights, i) / <T>exponentially(1));
}

/** m places of each line of n weights, with replacement; `sums` has room for a line. @kernel float */
export function sample<T>(out: usize, weights: usize, sums: usize, lines: i32, n: i32, m: i32): void {
  for (let l = 0; l < lines; l++, weights += bytes<T>(n)) {
    let total: T = 0;
    for (let i = 0; i < n; i++) {
      total += at<T>(weights, i);
      put<T>(sums, i, total);
    }
    for (let i = 0; i < n; i++) put<T>(sums, i, at<T>(sums, i) / total);
    for (let j = 0; j < m; j++, out += 8) {
      const u = uniformly<f64>();
      let low = 0, high = n;
      while (low < high) {
        const middle = low + (high - low) / 2;
        if (<f64>at<T>(sums, middle) < u) low = middle + 1;
        else high = middle;
      }
      store<i64>(out, <i64>min(low, n - 1));
    }
  }
}

/** 1 where a deviation is negative or NaN. @kernel float */
export function check_deviations<T>(std: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) if (!(at<T>(std, i) >= 0)) return 1;
  return 0;
}
