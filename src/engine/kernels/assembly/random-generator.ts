// The Mersenne Twister as PyTorch's CPU generator uses it: its state, and draws of numbers and of pairs of normal ones.
import { cosineOf, logOf, log1pOf, sineOf } from './random-math';

const N = 624, M = 397;
const STATE = memory.data(2496, 16);
let next = N;
/** The second number of the last pair of normal ones, until it is asked for. */
let kept: f64 = 0;
let isKept = false;

/** Starts again, as `torch.manual_seed`: of the seed only the low 32 bits count. */
export function seed(value: u32): void {
  store<u32>(STATE, value);
  for (let i = 1; i < N; i++) {
    value = 1812433253 * (value ^ (value >> 30)) + i;
    store<u32>(STATE + (<usize>i << 2), value);
  }
  next = N;
  isKept = false;
}

/** Writes all that the next draws depend on to `p`: 2,512 bytes. */
export function saveState(p: usize): void {
  memory.copy(p, STATE, 2496);
  store<i32>(p + 2496, next);
  store<i32>(p + 2500, isKept ? 1 : 0);
  store<f64>(p + 2504, kept);
}

/** Goes on from what `saveState` wrote. */
export function loadState(p: usize): void {
  memory.copy(STATE, p, 2496);
  next = load<i32>(p + 2496);
  isKept = load<i32>(p + 2500) != 0;
  kept = load<f64>(p + 2504);
}

@inline function mixed(here: u32, after: u32): u32 {
  return (((here & 0x80000000) | (after & 0x7fffffff)) >> 1) ^ (after & 1 ? 0x9908b0df : 0);
}

function renew(): void {
  for (let i = 0; i < N; i++) {
    const p = STATE + (<usize>i << 2);
    const after = load<u32>(i == N - 1 ? STATE : p + 4);
    const far = load<u32>(i < N - M ? p + 4 * M : p - 4 * (N - M));
    store<u32>(p, far ^ mixed(load<u32>(p), after));
  }
  next = 0;
}

/** 32 random bits. */
@inline export function draw(): u32 {
  if (next == N) renew();
  let y = load<u32>(STATE + (<usize>next << 2));
  next++;
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >> 18);
}

/** 64 random bits. */
@inline export function draw64(): u64 {
  const high = <u64>draw();
  return (high << 32) | <u64>draw();
}

/** A number of [0, 1): a float32 takes 32 bits from the generator, a float64 64. */
@inline export function uniformly<T>(): T {
  if (sizeof<T>() == 4) return <T>(<f32>(draw() & 0xffffff) * <f32>5.960464477539063e-8);
  return <T>(<f64>(draw64() & 0x1fffffffffffff) * 1.1102230246251565e-16);
}

const TWO_PI: f64 = 6.283185307179586;

/** A number of the standard normal distribution. They come in pairs, of which the second waits. */
export function normally(): f64 {
  if (isKept) {
    isKept = false;
    return kept;
  }
  const angle = uniformly<f64>(), distance = uniformly<f64>();
  const radius = sqrt<f64>(-2 * log1pOf(-distance)), theta = TWO_PI * angle;
  kept = radius * sineOf(theta);
  isKept = true;
  return radius * cosineOf(theta);
}

/** A number of the exponential distribution. */
@inline export function exponentially(lambda: f64): f64 {
  return -1 / lambda * log1pOf(-uniformly<f64>());
}

/** Eight pairs of normal numbers out of 16 of [0, 1), in place. */
export function pairs64(p: usize): void {
  for (let i = 0; i < 8; i++, p += 8) {
    const radius = sqrt<f64>(-2 * logOf(1 - load<f64>(p))), theta = TWO_PI * load<f64>(p + 64);
    store<f64>(p, radius * cosineOf(theta));
    store<f64>(p + 64, radius * sineOf(theta));
  }
}
