import { OverflowError, raise, valueError } from '../runtime/exceptions.ts';

/** A result that is infinite for a finite argument is out of range. */
function checked(result: number, [x]: readonly [number]): number {
  if (!Number.isFinite(result) && !Number.isNaN(result) && Number.isFinite(x))
    throw raise(OverflowError, 'math range error');
  return result;
}

/** The error function, by the rational approximations of fdlibm (s_erf.c). */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const y = Math.abs(x);
  if (y > 6) return Math.sign(x);
  if (y <= 0.84375) {
    if (y < 2 ** -28) return x + 0.1283791670955126 * x;
    const z = x * x;
    return x + x * (polynomial(PP, z) / polynomial(QQ, z));
  }
  const result = y < 1.25 ? ERX + polynomial(PA, y - 1) / polynomial(QA, y - 1) : 1 - tail(y);
  return x < 0 ? -result : result;
}

/** `1 - erf(x)`, exact where that is small. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  const y = Math.abs(x);
  if (y < 0.84375) {
    if (y < 2 ** -56) return 1 - x;
    const z = x * x;
    const ratio = polynomial(PP, z) / polynomial(QQ, z);
    return x < 0.25 ? 1 - (x + x * ratio) : 0.5 - (x - 0.5 + x * ratio);
  }
  if (y < 1.25) {
    const ratio = polynomial(PA, y - 1) / polynomial(QA, y - 1);
    return x >= 0 ? 1 - ERX - ratio : 1 + (ERX + ratio);
  }
  if (y >= 28) return x > 0 ? 0 : 2;
  if (x < -6) return 2;
  return x > 0 ? tail(y) : 2 - tail(y);
}

/** `erfc(x)` for x ≥ 1.25; the exponent is split so that squaring does not round it. */
function tail(x: number): number {
  const s = 1 / (x * x);
  const [r, q] =
    x < 1 / 0.35 ? [polynomial(RA, s), polynomial(SA, s)] : [polynomial(RB, s), polynomial(SB, s)];
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setUint32(4, 0);
  const z = view.getFloat64(0);
  return (Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + r / q)) / x;
}

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

const ERX = 0.8450629115104675;
const PP = [
  0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442,
  -2.3763016656650163e-5,
];
const QQ = [
  1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164,
  -3.960228278775368e-6,
];
const PA = [
  -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668,
  0.035478304325618236, -0.002166375594868791,
];
const QA = [
  1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
  0.011984499846799107,
];
const RA = [
  -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
  -184.60509290671104, -81.2874355063066, -9.814329344169145,
];
const SA = [
  1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
  108.63500554177944, 6.570249770319282, -0.0604244152148581,
];
const RB = [
  -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
  -1025.0951316110772, -483.5191916086514,
];
const SB = [
  1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
  474.52854120695537, -22.44095244658582,
];

/** Lanczos' approximation with CPython's own coefficients. */
const LANCZOS_G = 6.02468004077673;
const NUMERATOR = [
  23531376880.41076, 42919803642.6491, 35711959237.35567, 17921034426.03721, 6039542586.352028,
  1439720407.3117216, 248874557.86205417, 31426415.585400194, 2876370.6289353725, 186056.26539522348,
  8071.672002365816, 210.82427775157936, 2.5066282746310002,
];
const DENOMINATOR = [
  0, 39916800, 120543840, 150917976, 105258076, 45995730, 13339535, 2637558, 357423, 32670, 1925, 66, 1,
];

function lanczos(x: number): number {
  let [n, d] = [0, 0];
  if (x < 5) {
    n = polynomial(NUMERATOR, x);
    d = polynomial(DENOMINATOR, x);
  } else {
    for (let i = 0; i < NUMERATOR.length; i++) {
      n = n / x + (NUMERATOR[i] as number);
      d = d / x + (DENOMINATOR[i] as number);
    }
  }
  return n / d;
}

/** `sin(pi * x)`, exact in its zeros. */
function sinPi(x: number): number {
  const y = Math.abs(x) % 2;
  const n = Math.round(2 * y);
  const r =
    n === 0
      ? Math.sin(Math.PI * y)
      : n === 1
        ? Math.cos(Math.PI * (y - 0.5))
        : n === 2
          ? Math.sin(Math.PI * (1 - y))
          : n === 3
            ? -Math.cos(Math.PI * (y - 1.5))
            : Math.sin(Math.PI * (y - 2));
  return x < 0 ? -r : r;
}

/** The gamma function, as CPython computes it. */
export function gamma(x: number): number {
  if (!Number.isFinite(x)) {
    if (x === Number.NEGATIVE_INFINITY) throw valueError('math domain error');
    return x;
  }
  if (x === 0) throw valueError('math domain error');
  if (x === Math.floor(x)) {
    if (x < 0) throw valueError('math domain error');
    if (x <= 23) {
      let product = 1;
      for (let i = 2; i < x; i++) product *= i;
      return product;
    }
  }
  const a = Math.abs(x);
  if (a < 1e-20) return checked(1 / x, [x]);
  if (a > 200) {
    if (x < 0) return 0 / sinPi(x);
    throw raise(OverflowError, 'math range error');
  }
  const y = a + (LANCZOS_G - 0.5);
  let z: number;
  if (a > LANCZOS_G - 0.5) z = y - a - (LANCZOS_G - 0.5);
  else z = y - (LANCZOS_G - 0.5) - a;
  z = (z * LANCZOS_G) / y;
  let r: number;
  if (x < 0) {
    r = ((-Math.PI / sinPi(a) / a) * Math.exp(y)) / lanczos(a);
    r -= z * r;
    if (a < 140) r /= y ** (a - 0.5);
    else {
      const root = y ** (a / 2 - 0.25);
      r = r / root / root;
    }
  } else {
    r = lanczos(a) / Math.exp(y);
    r += z * r;
    if (a < 140) r *= y ** (a - 0.5);
    else {
      const root = y ** (a / 2 - 0.25);
      r = r * root * root;
    }
  }
  return checked(r, [x]);
}

/** The logarithm of the absolute value of the gamma function, as CPython computes it. */
export function logGamma(x: number): number {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? x : Number.POSITIVE_INFINITY;
  if (x === Math.floor(x) && x <= 2) {
    if (x <= 0) throw valueError('math domain error');
    return 0;
  }
  const a = Math.abs(x);
  if (a < 1e-20) return -Math.log(a);
  let r = Math.log(lanczos(a)) - LANCZOS_G;
  r += (a - 0.5) * (Math.log(a + LANCZOS_G - 0.5) - 1);
  if (x < 0) r = Math.log(Math.PI) - Math.log(Math.abs(sinPi(a))) - Math.log(a) - r;
  return checked(r, [x]);
}
