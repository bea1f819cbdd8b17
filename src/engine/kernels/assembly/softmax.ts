// Softmax and log-softmax of [outer, n, inner] over n, and their derivatives times g.
import { at, put, bytes } from './element';

@inline function shiftOf<T>(a: usize, n: i32, pitch: usize): f64 {
  let top: f64 = -Infinity;
  for (let j = 0; j < n; j++, a += pitch) top = max<f64>(top, <f64>load<T>(a));
  return top;
}

@inline function expSum<T>(a: usize, n: i32, pitch: usize, top: f64): f64 {
  let total: f64 = 0;
  for (let j = 0; j < n; j++, a += pitch) total += Math.exp(<f64>load<T>(a) - top);
  return total;
}

/** @kernel float */
export function softmax<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const pitch = bytes<T>(inner), size = pitch * n;
  for (let o = 0; o < outer; o++, a += size, out += size) {
    for (let i = 0; i < inner; i++) {
      const p = a + bytes<T>(i), q = out + bytes<T>(i);
      const top = shiftOf<T>(p, n, pitch), total = expSum<T>(p, n, pitch, top);
      for (let j = 0; j < n; j++) store<T>(q + pitch * j, <T>(Math.exp(<f64>load<T>(p + pitch * j) - top) / total));
    }
  }
}

/** @kernel float */
export function log_softmax<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const pitch = bytes<T>(inner), size = pitch * n;
  for (let o = 0; o < outer; o++, a += size, out += size) {
    for (let i = 0; i < inner; i++) {
      const p = a + bytes<T>(i), q = out + bytes<T>(i);
      const top = shiftOf<T>(p, n, pitch), log = Math.log(expSum<T>(p, n, pitch, top));
      for (let j = 0; j < n; j++) store<T>(q + pitch * j, <T>(<f64>load<T>(p + pitch * j) - top - log));
    }
  }
}

/** y (g - Σ g y). @kernel float */
export function softmax_backward<T>(out: usize, g: usize, y: usize, outer: i32, n: i32, inner: i32): void {
  const pitch = bytes<T>(inner), size = pitch * n;
  for (let o = 0; o < outer; o++, g += size, y += size, out += size) {
    for (let i = 0; i < inner; i++) {
      let dot: f64 = 0;
      const first = bytes<T>(i);
      for (let j = 0, p = first; j < n; j++, p += pitch) dot += <f64>load<T>(g + p) * <f64>load<T>(y + p);
      for (let j = 0, p = first; j < n; j++, p += pitch) {
        store<T>(out + p, <T>((<f64>load<T>(g + p) - dot) * <f64>load<T>(y + p)));
      }
    }
  }
}

/** g - exp(y) Σ g. @kernel float */
export function log_softmax_backward<T>(out: usize, g: usize, y: usize, outer: i32, n: i32, inner: i32): void {
  const pitch = bytes<T>(inner), size = pitch * n;
  for (let o = 0; o < outer; o++, g += size, y += size, out += size) {
    for (let i = 0; i < inner; i++) {
      let total: f64 = 0;
      const first = bytes<T>(i);
      for (let j = 0, p = first; j < n; j++, p += pitch) total += <f64>load<T>(g + p);
      for (let j = 0, p = first; j < n; j++, p += pitch) {
        store<T>(out + p, <T>(<f64>load<T>(g + p) - Math.exp(<f64>load<T>(y + p)) * total));
      }
    }
  }
}
