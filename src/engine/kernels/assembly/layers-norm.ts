// Normalisation of rows by their mean and deviation. A row is `channels` runs of `inner` elements, each
// with a weight of its own; a layer is one run of weights long (inner = 1), a group of channels more.
// `w` and `b` are 0 where there are none.
import { at, bytes, lanes, put } from './element';
import { num } from './vector';

/** Vectors that are added up before their sum is taken over into a float64. */
const BLOCK = 64;
/** Rows whose parts of the weight's gradient are added up apart. */
const ROWS = 32;

/** The sum of a vector's lanes. */
@inline export function laneSum<T>(s: v128): f64 {
  const pair = <f64>v128.extract_lane<T>(s, 0) + <f64>v128.extract_lane<T>(s, 1);
  if (sizeof<T>() == 8) return pair;
  return pair + (<f64>v128.extract_lane<T>(s, 2) + <f64>v128.extract_lane<T>(s, 3));
}

/** Σ x. */
export function rowSum<T>(x: usize, n: i32): f64 {
  const step = 4 * lanes<T>();
  let sum: f64 = 0;
  while (n >= step) {
    let p = num<T>(0), q = p, r = p, s = p;
    const count = min(n / step, BLOCK);
    for (let i = 0; i < count; i++, x += 64) {
      p = v128.add<T>(p, v128.load(x));
      q = v128.add<T>(q, v128.load(x, 16));
      r = v128.add<T>(r, v128.load(x, 32));
      s = v128.add<T>(s, v128.load(x, 48));
    }
    sum += laneSum<T>(v128.add<T>(v128.add<T>(p, q), v128.add<T>(r, s)));
    n -= count * step;
  }
  for (; n > 0; n--, x += sizeof<T>()) sum += <f64>load<T>(x);
  return sum;
}

@inline function squared<T>(x: v128, mean: v128): v128 {
  const d = v128.sub<T>(x, mean);
  return v128.mul<T>(d, d);
}

/** Σ (x - mean)². */
export function rowSquares<T>(x: usize, n: i32, mean: T): f64 {
  const step = 4 * lanes<T>(), m = v128.splat<T>(mean);
  let sum: f64 = 0;
  while (n >= step) {
    let p = num<T>(0), q = p, r = p, s = p;
    const count = min(n / step, BLOCK);
    for (let i = 0; i < count; i++, x += 64) {
      p = v128.add<T>(p, squared<T>(v128.load(x), m));
      q = v128.add<T>(q, squared<T>(v128.load(x, 16), m));
      r = v128.add<T>(r, squared<T>(v128.load(x, 32), m));
      s = v128.add<T>(s, squared<T>(v128.load(x, 48), m));
    }
    sum += laneSum<T>(v128.add<T>(v128.add<T>(p, q), v128.add<T>(r, s)));
    n -= count * step;
  }
  for (; n > 0; n--, x += sizeof<T>()) {
    const d = <f64>load<T>(x) - <f64>mean;
    sum += d * d;
  }
  return sum;
}

/** out = (x - mean) scale + shift, all elements alike. */
export function scaleRun<T>(out: usize, x: usize, n: i32, mean: T, scale: T, shift: T): void {
  const m = v128.splat<T>(mean), a = v128.splat<T>(scale), c = v128.splat<T>(shift);
  for (; n >= lanes<T>(); n -= lanes<T>(), x += 16, out += 16) {
    v128.store(out, v128.add<T>(v128.mul<T>(v128.sub<T>(v128.load(x), m), a), c));
  }
  for (; n > 0; n--, x += sizeof<T>(), out += sizeof<T>()) store<T>(out, (load<T>(x) - mean) * scale + shift);
}

/** out = (x - mean) rstd w + b, with weights for each element. */
@inline function affine<T>(
  out: usize, x: usize, w: usize, b: usize, n: i32, mean: T, rstd: T, hasW: bool, hasB: bool,
): void {
  const m = v128.splat<T>(mean), r = v128.splat<T>(rstd);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const at = bytes<T>(i);
    let y = v128.mul<T>(v128.sub<T>(v128.load(x + at), m), r);
    if (hasW) y = v128.mul<T>(y, v128.load(w + at));
    if (hasB) y = v128.add<T>(y, v128.load(b + at));
    v128.store(out + at, y);
  }
  for (; i < n; i++) {
    let y = (at<T>(x, i) - mean) * rstd;
    if (hasW) y *= at<T>(w, i);
    if (hasB) y += at<T>(b, i);
    put<T>(out, i, y);
  }
}

function affineRow<T>(out: usize, x: usize, w: usize, b: usize, n: i32, mean: T, rstd: T): void {
  if (w && b) affine<T>(out, x, w, b, n, mean, rstd, true, true);
  else if (w) affine<T>(out, x, w, b, n, mean, rstd, true, false);
  else if (b) affine<T>(out, x, w, b, n, mean, rstd, false, true);
  else affine<T>(out, x, w, b, n, mean, rstd, false, false);
}

/** Rows of `groups` groups of channels in turn; writes mean and 1 / √(variance + eps) of each. @kernel float */
export function norm_rows<T>(
  out: usize, means: usize, rstds: usize, x: usize, w: usize, b: usize,
  rows: i32, groups: i32, channels: i32, inner: i32, eps: f64,
): void {
  const n = channels * inner, size = bytes<T>(n);
  for (let row = 0; row < rows; row++, x += size, out += size) {
    const first = bytes<T>((row % groups) * channels);
    const mean = <T>(rowSum<T>(x, n) / <f64>n);
    const rstd = <T>(1 / Math.sqrt(rowSquares<T>(x, n, mean) / <f64>n + eps));
    put<T>(means, row, mean);
    put<T>(rstds, row, rstd);
    const wp = w ? w + first : 0, bp = b ? b + first : 0;
    if (inner == 1) {
      affineRow<T>(out, x, wp, bp, n, mean, rstd);
      continue;
    }
    for (let c = 0; c < channels; c++) {
      const run = bytes<T>(c * inner), scale = wp ? rstd * at<T>(wp, c) : rstd;
      scaleRun<T>(out + run, x + run, inner, mean, scale, bp ? at<T>(bp, c) : <T>0);
    }
  }
}

/** Σ g w (x - mean), or Σ g w; for each element of a row. */
@inline function weightedSum<T>(g: usize, x: usize, w: usize, n: i32, mean: T, hasW: bool, hasX: bool): f64 {
  const m = v128.splat<T>(mean), step = 2 * lanes<T>();
  let sum: f64 = 0, i = 0;
  while (i + step <= n) {
    let p = num<T>(0), q = p;
    for (const end = min(n - step, i + step * BLOCK); i <= end; i += step) {
      const o = bytes<T>(i);
      let y = v128.load(g + o), z = v128.load(g + o, 16);
      if (hasW) {
        y = v128.mul<T>(y, v128.load(w + o));
        z = v128.mul<T>(z, v128.load(w + o, 16));
      }
      if (hasX) {
        y = v128.mul<T>(y, v128.sub<T>(v128.load(x + o), m));
        z = v128.mul<T>(z, v128.sub<T>(v128.load(x + o, 16), m));
      }
      p = v128.add<T>(p, y);
      q = v128.add<T>(q, z);
    }
    sum += laneSum<T>(v128.add<T>(p, q));
  }
  for (; i < n; i++) {
    let y = <f64>at<T>(g, i);
    if (hasW) y *= <f64>at<T>(w, i);
    if (hasX) y *= <f64>at<T>(x, i) - <f64>mean;
    sum += y;
  }
  return sum;
}

/** Σ a b. */
export function rowProduct<T>(a: usize, b: usize, n: i32): f64 {
  return weightedSum<T>(a, a, b, n, <T>0, true, false);
}

/** Σ g (x - mean). */
export function rowDot<T>(g: usize, x: usize, n: i32, mean: T): f64 {
  return weightedSum<T>(g, x, 0, n, mean, false, true);
}

/** out = g scale + (x - mean) slope + shift, all elements alike. */
export function slopeRun<T>(
  out: usize, g: usize, x: usize, n: i32, mean: T, scale: T, slope: T, shift: T,
): void {
  const m = v128.splat<T>(mean), a = v128.splat<T>(scale), s = v128.splat<T>(slope), c = v128.splat<T>(shift);
  for (; n >= lanes<T>(); n -= lanes<T>(), g += 16, x += 16, out += 16) {
    const d = v128.mul<T>(v128.sub<T>(v128.load(x), m), s);
    v128.store(out, v128.add<T>(v128.mul<T>(v128.load(g), a), v128.add<T>(d, c)));
  }
  for (; n > 0; n--, g += sizeof<T>(), x += sizeof<T>(), out += sizeof<T>()) {
    store<T>(out, load<T>(g) * scale + ((load<T>(x) - mean) * slope + shift));
  }
}

/** The same with a weight for each element, which adds to dw and db too. */
@inline function slopeRow<T>(
  out: usize, g: usize, x: usize, w: usize, dw: usize, db: usize, n: i32,
  mean: T, rstd: T, slope: T, shift: T, hasW: bool,
): void {
  const m = v128.splat<T>(mean), r = v128.splat<T>(rstd), s = v128.splat<T>(slope), c = v128.splat<T>(shift);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const o = bytes<T>(i), y = v128.load(g + o), d = v128.sub<T>(v128.load(x + o), m), z = v128.mul<T>(y, r);
    const scaled = hasW ? v128.mul<T>(z, v128.load(w + o)) : z;
    v128.store(out + o, v128.add<T>(scaled, v128.add<T>(v128.mul<T>(d, s), c)));
    v128.store(dw + o, v128.add<T>(v128.load(dw + o), v128.mul<T>(z, d)));
    v128.store(db + o, v128.add<T>(v128.load(db + o), y));
  }
  for (; i < n; i++) {
    const y = at<T>(g, i), d = at<T>(x, i) - mean, z = y * rstd;
    put<T>(out, i, (hasW ? z * at<T>(w, i) : z) + (d * slope + shift));
    put<T>(dw, i, at<T>(dw, i) + z * d);
    put<T>(db, i, at<T>(db, i) + y);
  }
}

@inline function slopeOf(sum: f64, rstd: f64, n: i32): f64 { return -sum * rstd * rstd * rstd / <f64>n; }
@inline function shiftOf(sum: f64, rstd: f64, n: i32): f64 { return -sum * rstd / <f64>n; }

function layerRow<T>(
  out: usize, g: usize, x: usize, w: usize, dw: usize, db: usize, n: i32, mean: T, rstd: T,
): void {
  const r = <f64>rstd;
  const dot = w ? weightedSum<T>(g, x, w, n, mean, true, true) : weightedSum<T>(g, x, w, n, mean, false, true);
  const sum = w ? weightedSum<T>(g, x, w, n, mean, true, false) : rowSum<T>(g, n);
  const slope = <T>slopeOf(dot, r, n), shift = <T>shiftOf(sum, r, n);
  if (w) slopeRow<T>(out, g, x, w, dw, db, n, mean, rstd, slope, shift, true);
  else slopeRow<T>(out, g, x, w, dw, db, n, mean, rstd, slope, shift, false);
}

function channelRow<T>(
  out: usize, g: usize, x: usize, w: usize, dw: usize, db: usize, channels: i32, inner: i32, mean: T, rstd: T,
): void {
  let dot: f64 = 0, sum: f64 = 0;
  for (let c = 0; c < channels; c++) {
    const run = bytes<T>(c * inner), s = rowSum<T>(g + run, inner), d = rowDot<T>(g + run, x + run, inner, mean);
    const weight: f64 = w ? <f64>at<T>(w, c) : 1;
    sum += weight * s;
    dot += weight * d;
    put<T>(dw, c, <T>(<f64>at<T>(dw, c) + d * <f64>rstd));
    put<T>(db, c, <T>(<f64>at<T>(db, c) + s));
  }
  const n = channels * inner, slope = <T>slopeOf(dot, <f64>rstd, n), shift = <T>shiftOf(sum, <f64>rstd, n);
  for (let c = 0; c < channels; c++) {
    const run = bytes<T>(c * inner), scale = w ? rstd * at<T>(w, c) : rstd;
    slopeRun<T>(out + run, g + run, x + run, inner, mean, scale, slope, shift);
  }
}

/** to += from, and from = 0. */
function takeOver<T>(to: usize, from: usize, n: i32): void {
  for (let i = 0; i < n; i++) put<T>(to, i, at<T>(to, i) + at<T>(from, i));
  memory.fill(from, 0, bytes<T>(n));
}

/**
 * The gradients of the rows, of the weight and of the bias. `part` has room for two weights.
 * @kernel float
 */
export function norm_rows_backward<T>(
  out: usize, dw: usize, db: usize, g: usize, x: usize, means: usize, rstds: usize, w: usize, part: usize,
  rows: i32, groups: i32, channels: i32, inner: i32,
): void {
  const n = channels * inner, size = bytes<T>(n), all = groups * channels, half = part + bytes<T>(all);
  memory.fill(dw, 0, bytes<T>(all));
  memory.fill(db, 0, bytes<T>(all));
  memory.fill(part, 0, bytes<T>(2 * all));
  for (let row = 0, count = 1; row < rows; row++, count++, x += size, g += size, out += size) {
    const first = bytes<T>((row % groups) * channels), wp = w ? w + first : 0;
    const mean = at<T>(means, row), rstd = at<T>(rstds, row), pw = part + first, pb = half + first;
    if (inner == 1) layerRow<T>(out, g, x, wp, pw, pb, n, mean, rstd);
    else channelRow<T>(out, g, x, wp, pw, pb, channels, inner, mean, rstd);
    if (count < ROWS * groups && row + 1 < rows) continue;
    takeOver<T>(dw, part, all);
    takeOver<T>(db, half, all);
    count = 0;
  }
}
