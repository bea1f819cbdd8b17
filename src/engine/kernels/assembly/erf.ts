// The error function, on vectors, and its complement: fdlibm's s_erf.c (Sun Microsystems, 1993), whose error is
// below 1 ulp, by rational approximations on [0, 0.84375), [0.84375, 1.25), [1.25, 1/0.35), [1/0.35, 28).
import { expInside, expOf } from './exp';
import { entry, num, multiplyAdd, polynomial, signBit } from './vector';

const ERX: f64 = 8.45062911510467529297e-01;

@inline function nearZero(z: f64): f64 {
  let r: f64 = -2.37630166566501626084e-05;
  r = r * z - 5.77027029648944159157e-03;
  r = r * z - 2.84817495755985104766e-02;
  r = r * z - 3.25042107247001499370e-01;
  r = r * z + 1.28379167095512558561e-01;
  let s: f64 = -3.96022827877536812320e-06;
  s = s * z + 1.32494738004321644526e-04;
  s = s * z + 5.08130628187576562776e-03;
  s = s * z + 6.50222499887672944485e-02;
  s = s * z + 3.97917223959155352819e-01;
  s = s * z + 1.0;
  return r / s;
}

@inline function nearOne(s: f64): f64 {
  let p: f64 = -2.16637559486879084300e-03;
  p = p * s + 3.54783043256182359371e-02;
  p = p * s - 1.10894694282396677476e-01;
  p = p * s + 3.18346619901161753674e-01;
  p = p * s - 3.72207876035701323847e-01;
  p = p * s + 4.14856118683748331666e-01;
  p = p * s - 2.36211856075265944077e-03;
  let q: f64 = 1.19844998467991074170e-02;
  q = q * s + 1.36370839120290507362e-02;
  q = q * s + 1.26171219808761642112e-01;
  q = q * s + 7.18286544141962662868e-02;
  q = q * s + 5.40397917702171048937e-01;
  q = q * s + 1.06420880400844228286e-01;
  q = q * s + 1.0;
  return p / q;
}

@inline function middleTail(s: f64): f64 {
  let r: f64 = -9.81432934416914548592e+00;
  r = r * s - 8.12874355063065934246e+01;
  r = r * s - 1.84605092906711035994e+02;
  r = r * s - 1.62396669462573470355e+02;
  r = r * s - 6.23753324503260060396e+01;
  r = r * s - 1.05586262253232909814e+01;
  r = r * s - 6.93858572707181764372e-01;
  r = r * s - 9.86494403484714822705e-03;
  let q: f64 = -6.04244152148580987438e-02;
  q = q * s + 6.57024977031928170135e+00;
  q = q * s + 1.08635005541779435134e+02;
  q = q * s + 4.29008140027567833386e+02;
  q = q * s + 6.45387271733267880336e+02;
  q = q * s + 4.34565877475229228821e+02;
  q = q * s + 1.37657754143519042600e+02;
  q = q * s + 1.96512716674392571292e+01;
  q = q * s + 1.0;
  return r / q;
}

@inline function farTail(s: f64): f64 {
  let r: f64 = -4.83519191608651397019e+02;
  r = r * s - 1.02509513161107724954e+03;
  r = r * s - 6.37566443368389627722e+02;
  r = r * s - 1.60636384855821916062e+02;
  r = r * s - 1.77579549177547519889e+01;
  r = r * s - 7.99283237680523006574e-01;
  r = r * s - 9.86494292470009928597e-03;
  let q: f64 = -2.24409524465858183362e+01;
  q = q * s + 4.74528541206955367215e+02;
  q = q * s + 2.55305040643316442583e+03;
  q = q * s + 3.19985821950859553908e+03;
  q = q * s + 1.53672958608443695994e+03;
  q = q * s + 3.25792512996573918826e+02;
  q = q * s + 3.03380607434824582924e+01;
  q = q * s + 1.0;
  return r / q;
}

/** erfc(x) for x >= 0.84375; the square is split so that exp(-x²) keeps its digits. */
function complement(x: f64): f64 {
  if (x < 1.25) return 1.0 - ERX - nearOne(x - 1.0);
  const s = 1.0 / (x * x);
  const tail = x < 1.0 / 0.35 ? middleTail(s) : farTail(s);
  const z = reinterpret<f64>(reinterpret<u64>(x) & 0xffffffff00000000);
  return Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + tail) / x;
}

export function erfc64(x: f64): f64 {
  const a = abs<f64>(x);
  if (x != x) return x;
  if (a < 0.84375) {
    const y = nearZero(x * x);
    return x < 0.25 ? 1.0 - (x + x * y) : 0.5 - (x - 0.5 + x * y);
  }
  if (a < 28.0) return x < 0.0 ? 2.0 - complement(a) : complement(a);
  return x < 0.0 ? 2.0 : 0.0;
}

const NEAR = memory.data<f32>([
  -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1,
]);
// The lowest coefficients above 0.93, where that begins, where erf is 1, and the highest coefficients.
const FAR = memory.data<f32>([
  -1.06777877e-1, -6.34846687e-1, -1.28717512e-1, 0.927734375, 4, -1.72853470e-5, 3.83197126e-4,
  -3.88396438e-3, 2.42546219e-2,
]);

// Minimax approximations by Remez' algorithm: of erf(x) / x - 1 in x² on [0, 1] (error 8e-18), and of log(erfc(x))
// in x - 1 on [1, 6], where the error counts as much as erfc(x) is large (2e-18): the coefficients of even powers,
// those of odd powers.
const NEAR64 = memory.data<f64>([
  -7.7794722126812034814e-10, 1.3710982275481921195e-8, -1.6206314160754096784e-7,
  1.6447131618920695498e-6, -0.000014924712305403128947, 0.00012055293577048377383,
  -0.00085483259293182877433, 0.0052239776061185247907, -0.026866170643111469618, 0.11283791670944184714,
  -0.37612638903183519539, 0.12837916709551256565,
]);
const EVEN64 = memory.data<f64>([
  1.0390875209237890539e-12, 3.6824345740986205121e-10, 1.4911305192480955387e-8, 9.7546443449121001312e-8,
  -2.0597733282807983414e-6, -0.000027159112361952099616, 0.00023732248148742602788,
  0.010033825374408624868, -0.84310725635867681046, -1.8496055099332482562,
]);
const ODD64 = memory.data<f64>([
  -2.8815194359813715093e-11, -2.864007653423646319e-9, -5.2037435547268125256e-8,
  1.4287673976052467782e-7, 9.608901039593740177e-6, 0.000026277875043045725232, -0.00197790256791675771,
  -0.041561098041808402314, -2.6389675142347882534,
]);
const END64 = memory.data<f64>([6]);

@inline function erfOf64(x: v128): v128 {
  const sign = v128.and(x, signBit<f64>()), one = num<f64>(1);
  const a = v128.pmin<f64>(v128.xor(x, sign), entry<f64>(END64, END64, 0)), s = v128.mul<f64>(a, a);
  const near = multiplyAdd<f64>(polynomial<f64>(NEAR64, 11, s), a, a);
  const t = v128.sub<f64>(a, one), square = v128.mul<f64>(t, t);
  const log = multiplyAdd<f64>(polynomial<f64>(ODD64, 8, square), t, polynomial<f64>(EVEN64, 9, square));
  const far = v128.sub<f64>(one, expInside<f64>(log));
  return v128.or(v128.bitselect(near, far, v128.lt<f64>(a, one)), sign);
}

/**
 * erf on a vector; in float32 after N. Juffa's my_erff (max error 1.1 ulp): a polynomial below 0.93,
 * 1 - exp(polynomial) above; in float64 likewise.
 */
@inline export function erfOf<T>(x: v128): v128 {
  if (sizeof<T>() == 8) return erfOf64(x);
  const a = v128.pmin<f32>(v128.abs<f32>(x), entry<f32>(FAR, FAR, 4)), s = v128.mul<f32>(a, a);
  const odd = multiplyAdd<f32>(entry<f32>(FAR, FAR, 5), a, entry<f32>(FAR, FAR, 6));
  const even = multiplyAdd<f32>(entry<f32>(FAR, FAR, 7), a, entry<f32>(FAR, FAR, 8));
  let far = multiplyAdd<f32>(odd, s, even);
  far = multiplyAdd<f32>(far, a, entry<f32>(FAR, FAR, 0));
  far = multiplyAdd<f32>(far, a, entry<f32>(FAR, FAR, 1));
  far = multiplyAdd<f32>(far, a, entry<f32>(FAR, FAR, 2));
  far = v128.sub<f32>(num<f32>(1), expOf<f32>(multiplyAdd<f32>(far, a, v128.neg<f32>(a))));
  const near = multiplyAdd<f32>(polynomial<f32>(NEAR, 5, s), a, a);
  const y = v128.bitselect(far, near, v128.gt<f32>(a, entry<f32>(FAR, FAR, 3)));
  return v128.or(y, v128.and(x, signBit<f32>()));
}

/** @map1 float */
export class Erf<T> { @inline v(x: v128): v128 { return erfOf<T>(x); } }

/** @each1 float */
export class Erfc<T> { @inline s(x: T): T { return <T>erfc64(<f64>x); } }
