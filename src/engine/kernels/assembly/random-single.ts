// Normal numbers in float32, as PyTorch's vectors compute them: cephes' polynomials, with fused multiply-add.

/** a b + c, rounded once: in float64 the product is exact, and a sum that lies between two float32 is looked at again. */
@inline function fused(a: f32, b: f32, c: f32): f32 {
  const product = <f64>a * <f64>b, sum = product + <f64>c;
  if ((reinterpret<u64>(sum) & 0x1fffffff) != 0x10000000) return <f32>sum;
  const part = sum - product, lost = (product - (sum - part)) + (<f64>c - part);
  if (lost == 0) return <f32>sum;
  const away = (lost > 0) == (sum > 0);
  return <f32>reinterpret<f64>(reinterpret<u64>(sum) + (away ? 1 : -1));
}

function logarithm(given: f32): f32 {
  const bits = reinterpret<u32>(given);
  let e = <f32>(<i32>(bits >> 23) - 126);
  let x = reinterpret<f32>((bits & 0x807fffff) | 0x3f000000);
  if (x < <f32>0.707106781186547524) {
    e -= 1;
    x = x - 1 + x;
  } else x -= 1;
  const z = x * x;
  let y: f32 = 7.0376836292e-2;
  y = fused(y, x, -1.151461031e-1);
  y = fused(y, x, 1.1676998740e-1);
  y = fused(y, x, -1.2420140846e-1);
  y = fused(y, x, 1.4249322787e-1);
  y = fused(y, x, -1.6668057665e-1);
  y = fused(y, x, 2.0000714765e-1);
  y = fused(y, x, -2.4999993993e-1);
  y = fused(y, x, 3.3333331174e-1);
  y = fused(y * x, z, e * <f32>-2.12194440e-4);
  y = fused(z, -0.5, y);
  return fused(e, 0.693359375, x + y);
}

@inline function cosinePart(z: f32): f32 {
  let y: f32 = 2.443315711809948e-5;
  y = fused(y, z, -1.388731625493765e-3);
  y = fused(y, z, 4.166664568298827e-2);
  return fused(y * z, z, -(z * 0.5)) + 1;
}

@inline function sinePart(x: f32, z: f32): f32 {
  let y: f32 = -1.9515295891e-4;
  y = fused(y, z, 8.3321608736e-3);
  y = fused(y, z, -1.6666654611e-1);
  return fused(y * z, x, x);
}

/** A pair of normal numbers, of mean `mean` and deviation `std`, out of two of [0, 1), in place. */
@inline function pair(p: usize, q: usize, mean: f32, std: f32): void {
  const radius = sqrt<f32>(-2 * logarithm(1 - load<f32>(p)));
  let x = <f32>6.283185307179586 * load<f32>(q);
  const j = (<i32>(x * <f32>1.27323954473516) + 1) & ~1, y = <f32>j;
  x = fused(y, -0.78515625, x);
  x = fused(y, -2.4187564849853515625e-4, x);
  x = fused(y, -3.77489497744594108e-8, x);
  const z = x * x;
  const even = (j & 2) == 0, a = sinePart(x, z), b = cosinePart(z);
  const sine = even ? a : b, cosine = even ? b : a;
  store<f32>(p, fused(radius * ((j - 2) & 4 ? cosine : -cosine), std, mean));
  store<f32>(q, fused(radius * (j & 4 ? -sine : sine), std, mean));
}

/** Eight pairs of normal numbers out of 16 of [0, 1), in place. */
export function pairs32(p: usize, mean: f32, std: f32): void {
  for (let i = 0; i < 8; i++, p += 4) pair(p, p + 32, mean, std);
}
