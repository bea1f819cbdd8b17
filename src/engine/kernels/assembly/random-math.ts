// Logarithms, sines and cosines of float64, to the last bit: what is drawn is to be what PyTorch draws. Results are
// rounded once from about 65 bits; the C library that PyTorch calls does so for all but one of a thousand arguments.

/** a + b, and by `sumRest` what is lost of it. */
@inline function sumRest(a: f64, b: f64, sum: f64): f64 {
  const part = sum - a;
  return (a - (sum - part)) + (b - part);
}

@inline function upper(a: f64): f64 {
  const scaled = 134217729 * a;
  return scaled - (scaled - a);
}

/** What the rounding of a product loses. */
@inline function productRest(a: f64, b: f64, product: f64): f64 {
  const ah = upper(a), bh = upper(b), al = a - ah, bl = b - bh;
  return ((ah * bh - product) + ah * bl + al * bh) + al * bl;
}

/** -log(i / 32) for i from 22 to 46, each as a sum of two. */
const LOGS = memory.data<f64>([
  0.3746934494414107, -3.9243112288632396e-18, 0.33024168687057687, -1.0828321637483858e-17,
  0.2876820724517809, 2.607160616442564e-17, 0.24686007793152578, 1.361743371748368e-17,
  0.2076393647782445, 1.2053243216686129e-17, 0.16989903679539747, -4.868008764439071e-19,
  0.13353139262452263, -3.664457663660085e-18, 0.09844007281325252, -4.439009633675136e-18,
  0.06453852113757118, -6.470486661692933e-18, 0.0317486983145803, 3.0382263084680858e-18,
  0.0, 0.0, -0.030771658666753687, -1.0431732029005968e-18,
  -0.06062462181643484, -2.6424025938726934e-18, -0.08961215868968714, 5.4268129336647135e-18,
  -0.11778303565638346, 1.1971685747593677e-18, -0.1451820098444979, -8.242418783022475e-18,
  -0.17185025692665923, 6.0224538210113705e-18, -0.19782574332991987, -1.2821194372980142e-17,
  -0.22314355131420976, 9.091270597324799e-18, -0.24783616390458127, 1.2432209578702523e-17,
  -0.27193371548364176, -7.83319637697442e-19, -0.2954642128938359, 2.16461086040599e-17,
  -0.3184537311185346, -2.7114779367326236e-17, -0.3409265869705932, -1.7467136443544747e-17,
  -0.3629054936893685, 2.1492361455310972e-17,
]);
const LN2_HIGH: f64 = 0.6931471805598903, LN2_LOW: f64 = 5.497923018708371e-14;

/** The logarithm of a normal number. */
export function logOf(x: f64): f64 {
  let bits = reinterpret<i64>(x);
  let e = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    e++;
  }
  const i = <i32>nearest<f64>(32 / m), c = <f64>i * 0.03125;
  // x = 2^e (1 + r) / c with r = high + low.
  const product = m * c, rest = productRest(m, c, product);
  const base = product - 1, high = base + rest, low = sumRest(base, rest, high);
  const entry = LOGS + (<usize>(i - 22) << 4);
  const whole = <f64>e * LN2_HIGH;
  const first = whole + load<f64>(entry);
  let tail = sumRest(whole, load<f64>(entry), first) + load<f64>(entry, 8) + <f64>e * LN2_LOW;
  const second = first + high;
  tail += sumRest(first, high, second) + low;
  const square = high * high, half = -0.5 * square;
  const third = second + half;
  tail += sumRest(second, half, third) - 0.5 * productRest(high, high, square) - high * low;
  return third + (tail + square * high * logTail(high));
}

/** 1/3 - r/4 + r²/5 - … */
@inline function logTail(r: f64): f64 {
  let y: f64 = -1.0 / 14;
  y = 1.0 / 13 + r * y;
  y = -1.0 / 12 + r * y;
  y = 1.0 / 11 + r * y;
  y = -0.1 + r * y;
  y = 1.0 / 9 + r * y;
  y = -0.125 + r * y;
  y = 1.0 / 7 + r * y;
  y = -1.0 / 6 + r * y;
  y = 0.2 + r * y;
  y = -0.25 + r * y;
  return 1.0 / 3 + r * y;
}

/** The sine of k π/64 for k from 0 to 32, each as a sum of two. */
const SINES = memory.data<f64>([
  0.0, 0.0, 0.049067674327418015, -6.79610372051828e-19,
  0.0980171403295606, -1.634582362244256e-18, 0.14673047445536175, 3.726947147046568e-18,
  0.19509032201612828, -7.991079068461731e-18, 0.2429801799032639, -8.751431529719663e-18,
  0.2902846772544624, -1.892797870777425e-17, 0.33688985339222005, -4.200094003347509e-19,
  0.3826834323650898, -1.0050772696461588e-17, 0.4275550934302821, 9.411189816295473e-18,
  0.47139673682599764, 6.516678136069013e-18, 0.5141027441932218, -4.5712707523615624e-17,
  0.5555702330196022, 4.709410940561677e-17, 0.5956993044924334, -1.3438641936579467e-17,
  0.6343932841636455, 1.0420901929280035e-17, 0.6715589548470184, -4.048903774929669e-17,
  0.7071067811865476, -4.833646656726457e-17, 0.7409511253549591, -1.4708616952297345e-17,
  0.773010453362737, -3.256590703364977e-17, 0.8032075314806449, -3.306060980481491e-17,
  0.8314696123025452, 1.4073856984728024e-18, 0.8577286100002721, -4.818344793633662e-17,
  0.881921264348355, -1.9843248405890562e-17, 0.9039892931234433, -6.609754468748431e-18,
  0.9238795325112867, 1.7645047084336677e-17, 0.9415440651830208, -2.789637954769834e-17,
  0.9569403357322088, 4.05538698618757e-17, 0.970031253194544, 1.8365300348428844e-17,
  0.9807852804032304, 1.8546939997825006e-17, 0.989176509964781, -4.098730993704711e-17,
  0.9951847266721969, -4.248691367830441e-17, 0.9987954562051724, -1.2291693337075465e-17,
  1.0, 0.0,
]);
const STEPS: f64 = 20.371832715762604;
const STEP_1: f64 = 0.049087385212338575, STEP_2: f64 = 1.9448038037175816e-15, STEP_3: f64 = 1.10048745786975e-28;

/** The sine of x plus `quarters` π/2, for x in [0, 7). */
@inline function sineFrom(x: f64, quarters: i32): f64 {
  const steps = nearest<f64>(x * STEPS);
  const near = x - steps * STEP_1, more = -steps * STEP_2;
  const high = near + more, low = sumRest(near, more, high) - steps * STEP_3;
  const k = <i32>steps + (quarters << 5), place = k & 63;
  const first = SINES + (<usize>(place > 32 ? 64 - place : place) << 4);
  const other = SINES + (<usize>(place > 32 ? place - 32 : 32 - place) << 4);
  const turned: f64 = k & 64 ? -1 : 1, slope: f64 = place > 32 ? -turned : turned;
  return combined(turned * load<f64>(first), turned * load<f64>(first, 8), slope * load<f64>(other), slope * load<f64>(other, 8), high, low);
}

/** sin(a + r) where s is the sine and c the cosine of a, and r = high + low is small; each is a sum of two. */
@inline function combined(s: f64, sLow: f64, c: f64, cLow: f64, high: f64, low: f64): f64 {
  const square = high * high, half = -0.5 * square;
  const sineTail = square * high * (-1.0 / 6 + square * (1.0 / 120 + square * (-1.0 / 5040 + square / 362880))) +
    low * (1 + half);
  const cosineTail = square * square * (1.0 / 24 + square * (-1.0 / 720 + square / 40320)) -
    0.5 * productRest(high, high, square) - high * low;
  const a = c * high, b = s * half;
  const first = s + a, second = first + b;
  const lost = sumRest(s, a, first) + sumRest(first, b, second) + productRest(c, high, a) + productRest(s, half, b);
  return second + (c * sineTail + (lost + cLow * high + sLow * (1 + half) + s * cosineTail));
}

/** The sine of x in [0, 2π]. */
export function sineOf(x: f64): f64 {
  return sineFrom(x, 0);
}

/** The cosine of x in [0, 2π]. */
export function cosineOf(x: f64): f64 {
  return sineFrom(x, 1);
}

const FDLIBM_LN2_HIGH: f64 = 6.93147180369123816490e-01, FDLIBM_LN2_LOW: f64 = 1.90821492927058770002e-10;

/** log(1 + x) for x in (-1, 0], as fdlibm and the C libraries that go back to it compute it, rounding for rounding. */
export function log1pOf(x: f64): f64 {
  if (x > -1.862645149230957e-9) return x > -5.551115123125783e-17 ? x : x - x * x * 0.5;
  let k = 0, f = x, c: f64 = 0, rest: i32 = 1;
  if (<i32>(reinterpret<i64>(x) >> 32) > <i32>0xbfd2bec3) {
    const u = 1 + x;
    k = <i32>(reinterpret<i64>(u) >> 52) - 1023;
    c = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    rest = <i32>(reinterpret<i64>(u) >> 32) & 0xfffff;
    const fraction = reinterpret<i64>(u) & 0xfffffffffffff;
    if (rest < 0x6a09e) f = reinterpret<f64>(fraction | 0x3ff0000000000000) - 1;
    else {
      k++;
      f = reinterpret<f64>(fraction | 0x3fe0000000000000) - 1;
      rest = (0x100000 - rest) >> 2;
    }
  }
  const high = <f64>k * FDLIBM_LN2_HIGH, low = <f64>k * FDLIBM_LN2_LOW + c;
  const half = 0.5 * f * f;
  if (rest == 0) {
    if (f == 0) return k == 0 ? 0 : high + (c + <f64>k * FDLIBM_LN2_LOW);
    const r = half * (1 - 0.66666666666666666 * f);
    return k == 0 ? f - r : high - ((r - low) - f);
  }
  const s = f / (2 + f), z = s * s;
  const r = half + log1pTail(z);
  return k == 0 ? f - (half - s * r) : high - ((half - (s * r + low)) - f);
}

@inline function log1pTail(z: f64): f64 {
  const z2 = z * z, z4 = z2 * z2;
  const r1 = z * 6.666666666666735130e-01;
  const r2 = 3.999999999940941908e-01 + z * 2.857142874366239149e-01;
  const r3 = 2.222219843214978396e-01 + z * 1.818357216161805012e-01;
  const r4 = 1.531383769920937332e-01 + z * 1.479819860511658591e-01;
  return r1 + z2 * r2 + z4 * r3 + z4 * z2 * r4;
}

/** a b + c, rounded once but for the rarest of ties. */
export function multiplyAdded(a: f64, b: f64, c: f64): f64 {
  const product = a * b, sum = product + c;
  if (!isFinite<f64>(sum) || abs<f64>(a) > 1e300 || abs<f64>(b) > 1e300) return sum;
  return sum + (sumRest(product, c, sum) + productRest(a, b, product));
}
