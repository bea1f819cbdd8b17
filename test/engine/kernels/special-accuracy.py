"""Writes special-accuracy.json: special functions at random and special arguments, rounded from 60 digits.

    python3 test/engine/kernels/special-accuracy.py      (needs mpmath)

A row is the arguments, the value and, where the function oscillates, its amplitude there: the size that an error is
compared with.
"""
import json
import math
import random
import struct
from pathlib import Path

import mpmath as mp

mp.mp.dps = 60
random.seed(1)
INF = math.inf
uniform = random.uniform


def rounded(x, dtype):
    return struct.unpack('f', struct.pack('f', x))[0] if dtype == 'f32' else x


def nearest(y, dtype):
    """The float nearest to an mpf, subnormal numbers rounded once."""
    digits, low = (24, -149) if dtype == 'f32' else (53, -1074)
    if y == 0 or not mp.isfinite(y):
        return float(y)
    exponent = max(int(mp.floor(mp.log(abs(y), 2))) - digits + 1, low)
    whole = int(mp.nint(mp.ldexp(y, -exponent)))
    largest = 3.4028234663852886e38 if dtype == 'f32' else 1.7976931348623157e308
    value = mp.ldexp(whole, exponent)
    return float(value) if abs(value) <= largest else math.copysign(math.inf, whole)


def spread(low, high, n=12):
    return [10 ** uniform(math.log10(low), math.log10(high)) for _ in range(n)]


def linear(low, high, n=24):
    return [uniform(low, high) for _ in range(n)]


def both(xs):
    return [x for y in xs for x in (y, -y)]


def log_gamma(x):
    return mp.log(abs(mp.gamma(x))) if abs(x) < 1e6 else mp.re(mp.loggamma(x))


def inverse_erfc(w):
    """z where erfc(z) = w, 0 < w < 1."""
    z = mp.sqrt(-mp.log(w)) if w < 0.01 else mp.erfinv(1 - w)
    for _ in range(3 if w >= 0.01 else 60):
        step = (mp.log(mp.erfc(z)) - mp.log(w)) * mp.erfc(z) / (2 / mp.sqrt(mp.pi) * mp.exp(-z * z))
        z += step
        if abs(step) < mp.mpf(10) ** -40:
            break
    return z


def ndtri(p):
    if p == 0.5:
        return mp.mpf(0)
    return -mp.sqrt(2) * inverse_erfc(2 * p) if p < 0.5 else mp.sqrt(2) * inverse_erfc(2 * (1 - p))


def asymptotic(x):
    """x sqrt(pi) erfcx(x) of a large x."""
    term, total = mp.mpf(1), mp.mpf(1)
    for k in range(1, 20):
        term *= -(2 * k - 1) / (2 * x * x)
        total += term
    return total


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x) if x < 1e4 else asymptotic(x) / (x * mp.sqrt(mp.pi))


def log_ndtr(x):
    if x < -1e4:
        t = -x / mp.sqrt(2)
        return mp.log(asymptotic(t) / (t * mp.sqrt(mp.pi) * 2)) - t * t
    return mp.log(mp.erfc(-x / mp.sqrt(2)) / 2) if x < 0 else mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2)


def logit(x):
    return mp.log(x / (1 - x))


def zeta(s, q):
    if q > 0:
        with mp.workdps(150):
            return mp.zeta(s, q)
    n = int(mp.ceil(-q))
    return mp.zeta(s, q + n) + sum((q + k) ** -int(s) for k in range(n))


def polygamma(n, x):
    return mp.psi(int(n), x)


def tail(a, x, sign):
    """The integral of the density from x away from the middle, for a large a."""
    step = sign * mp.sqrt(a)
    density = lambda t: mp.exp((a - 1) * mp.log(t) - t - mp.loggamma(a))
    return sign * mp.quad(density, [x + k * step for k in range(0, 16, 2)])


def lower(a, x):
    if a > 1000:
        return tail(a, x, -1) if x < a else 1 - tail(a, x, 1)
    return mp.gammainc(a, 0, x, regularized=True) if x < a + 1 else 1 - mp.gammainc(a, x, mp.inf, regularized=True)


def upper(a, x):
    if a > 1000:
        return 1 - tail(a, x, -1) if x < a else tail(a, x, 1)
    return 1 - mp.gammainc(a, 0, x, regularized=True) if x < a + 1 else mp.gammainc(a, x, mp.inf, regularized=True)


def wave(x):
    return mp.sqrt(2 / (mp.pi * x)) if x > 1 else 0


def airy_wave(x):
    return mp.mpf(-x) ** -0.25 / mp.sqrt(mp.pi) if x < -1 else 0


near_one = [1 + s * 10 ** -k for k in range(2, 16) for s in (1, -1)]
unit = [x for x in both(spread(1e-300, 0.4) + linear(0, 1)) + near_one + [-x for x in near_one] if abs(x) < 1]
open_unit = [abs(x) for x in unit]
positive = spread(1e-300, 1e300) + linear(0, 3) + linear(0, 20) + [0.5, 1.5, 2.5, 3, 8, 10]
signed = both(positive)
gammas = positive + near_one + [2 + 10 ** -k for k in range(2, 15)] + [1.4616321449683623, 1.46163214496836]
negative = [-x for x in spread(1e-20, 0.1) + linear(0, 6, 60) + linear(0, 60)] + [-2.457024738220801, -2.747682646727413, -0.504083008264455, -1.573498473162391, -15.1, -170.5]
modified = both(spread(1e-300, 0.1) + linear(0, 16) + linear(0, 700) + [711.5, 713])
right = spread(1e-300, 0.1) + linear(0, 16, 36) + linear(0, 600) + [0.5, 2, 8]
waves = spread(1e-300, 0.1) + linear(0, 32, 60) + spread(32, 1e15) + [float(mp.besseljzero(0, k)) for k in (1, 2, 3)] + [0.75, 16, 0.8935769662791675]

UNARY = {
    'lgamma': (log_gamma, gammas + negative),
    'digamma': (mp.digamma, [x for x in gammas if x > 1e-290] + negative),
    'sinc': (lambda x: mp.sinpi(x) / (mp.pi * x), both(spread(1e-300, 1e6, 24) + linear(0, 8)) + near_one),
    'entr': (lambda x: -x * mp.log(x), positive + near_one),
    'erfinv': (mp.erfinv, [x for x in unit if abs(x) < 0.99]),
    'erfcx': (erfcx, both(spread(1e-300, 0.1) + linear(0, 26)) + linear(0, 100) + [50, 1e5, 1e20, 1e200]),
    'ndtri': (ndtri, [x for x in open_unit if x != 0.5] + spread(1e-320, 1e-300)),
    'log_ndtr': (log_ndtr, both(spread(1e-300, 0.1) + linear(0, 8)) + [-x for x in spread(8, 1e150)] + linear(8, 37)),
    'i0': (lambda x: mp.besseli(0, x), modified),
    'i0e': (lambda x: mp.besseli(0, x) * mp.exp(-abs(x)), modified + spread(700, 1e15)),
    'i1': (lambda x: mp.besseli(1, x), modified),
    'i1e': (lambda x: mp.besseli(1, x) * mp.exp(-abs(x)), modified + spread(700, 1e15)),
    'modified_bessel_k0': (lambda x: mp.besselk(0, x), right),
    'modified_bessel_k1': (lambda x: mp.besselk(1, x), right),
    'scaled_modified_bessel_k0': (lambda x: mp.besselk(0, x) * mp.exp(x), right),
    'scaled_modified_bessel_k1': (lambda x: mp.besselk(1, x) * mp.exp(x), right),
    'spherical_bessel_j0': (lambda x: mp.sin(x) / x, both(waves)),
    'bessel_j0': (lambda x: mp.besselj(0, x), waves, wave),
    'bessel_j1': (lambda x: mp.besselj(1, x), waves, wave),
    'bessel_y0': (lambda x: mp.bessely(0, x), waves, wave),
    'bessel_y1': (lambda x: mp.bessely(1, x), waves, wave),
    'airy_ai': (mp.airyai, both(spread(1e-300, 0.1) + linear(0, 12, 40)) + linear(12, 100) + [-x for x in linear(10, 1000)], airy_wave),
}

degrees = [0, 1, 2, 3, 5, 8, 13, 40]
polynomial_points = [(x, n) for n in degrees for x in linear(-1, 1, 4) + linear(-3, 3, 3)]
chebyshev_points = polynomial_points + [(0.3, 1000), (-0.99, 12345), (1.001, 5000), (3.5, 300)]
orders = [(n, x) for n in (1, 2, 3, 5, 10, 20) for x in spread(1e-8, 100, 6) + linear(0, 20, 6) + linear(-4, 0, 3)]
exponents = [(s, q) for s in (1.0001, 1.5, 2, 3.7, 10, 33.3) for q in spread(1e-8, 1e6, 6) + linear(0, 20, 6)]
exponents += [(s, q) for s in (2, 3, 4, 7) for q in linear(-5, 0, 4)] + [(200.0, 30.5), (1000.0, 3.25), (1e5, 7.0)]
incomplete = [(a, a * r) for a in spread(1e-3, 100, 12) for r in (0.01, 0.3, 0.7, 0.95, 1, 1.05, 1.3, 2, 5)]
incomplete += [(a, a + k * math.sqrt(a)) for a in (151, 1000, 2e4, 1e7, 1e10) for k in (-8, -3, -1, -0.1, 0, 0.1, 1, 3, 8)]
incomplete += [(a, x) for a in (1e-20, 1e-9, 1e-4, 0.01, 0.1, 0.5, 0.9) for x in (1e-10, 1e-3, 0.1, 0.4, 0.9, 1.05, 2)] + [(400, 200), (400, 700)]
pairs = [(x, y) for x, y in zip(linear(-1, 5), linear(-1, 5))]
close = [(x, x + d) for x in linear(1, 50, 8) for d in (0, 1e-9, 0.1, 3, 60)]


def chebyshev(kind):
    def value(x, n):
        n = int(n)
        t, u = mp.chebyt(n, x), (mp.chebyu(n - 1, x) if n > 0 else mp.mpf(0))
        return [t, t + x * u, t + (x - 1) * u, t + (x + 1) * u][kind]

    return value


def shift(f):
    return lambda x, n: f(2 * x - 1, n)


def size(x, n):
    """Roots of a polynomial lie between -1 and 1, and values there are compared with 1."""
    return 1 if abs(x) < 1 else 0


BINARY = {
    'zeta': (zeta, exponents),
    'polygamma': (polygamma, orders),
    'igamma': (lower, incomplete),
    'igammac': (upper, incomplete),
    'xlog1py': (lambda x, y: x * mp.log1p(y), [(x, abs(y)) for x, y in pairs] + [(2, 1e-20), (3, -0.9)]),
    'logaddexp': (lambda x, y: mp.log(mp.exp(x) + mp.exp(y)), close),
    'logaddexp2': (lambda x, y: mp.log(mp.mpf(2) ** x + mp.mpf(2) ** y, 2), close),
    'ldexp': (lambda x, y: x * mp.mpf(2) ** y, [(0.7, 3), (-3, -1070), (1.3, 0.5), (1e-310, 1070), (2.5, -7.25)]),
    'hermite_polynomial_h': (lambda x, n: mp.hermite(int(n), x), polynomial_points),
    'hermite_polynomial_he': (lambda x, n: mp.hermite(int(n), x / mp.sqrt(2)) * mp.mpf(2) ** (-mp.mpf(n) / 2), polynomial_points),
    'laguerre_polynomial_l': (lambda x, n: mp.laguerre(int(n), 0, x), polynomial_points),
    'legendre_polynomial_p': (lambda x, n: mp.legendre(int(n), x), polynomial_points),
}
for kind, letter in enumerate('tuvw'):
    BINARY[f'chebyshev_polynomial_{letter}'] = (chebyshev(kind), chebyshev_points)
    BINARY[f'shifted_chebyshev_polynomial_{letter}'] = (shift(chebyshev(kind)), [((x + 1) / 2, n) for x, n in chebyshev_points])
LOGIT = {'logit': (lambda x, eps: logit(min(max(x, eps), 1 - eps)) if eps >= 0 else logit(x), [(x, -1) for x in open_unit] + [(x, 0.125) for x in open_unit])}
BINARY |= LOGIT


def row(f, args, dtype, amplitude):
    args = [rounded(float(x), dtype) for x in args]
    exact = f(*[mp.mpf(x) for x in args])
    value = nearest(mp.re(exact), dtype)
    scale = float(amplitude(*args)) if amplitude else 0
    return args + [value if math.isfinite(value) else str(value).replace('inf', 'Infinity')] + ([scale] if scale else [])


def usable(name, args, dtype):
    limit = (1e-37, 1e37) if dtype == 'f32' else (0, INF)
    inside = all(x == 0 or limit[0] < abs(x) < limit[1] for x in args)
    if dtype == 'f32' and name in ('logit', 'erfinv', 'ndtri'):
        return inside and 0 < abs(rounded(args[0], dtype)) < 1 and args[0] != 0.5
    return inside


def rows(name, entry, dtype):
    f, points, *amplitude = entry
    chosen = [p if isinstance(p, tuple) else (p,) for p in points]
    for i, args in enumerate(chosen):
        if (dtype == 'f64' or i % 4 == 0) and usable(name, args, dtype):
            try:
                yield row(f, args, dtype, amplitude[0] if amplitude else None)
            except (mp.libmp.NoConvergence, ValueError, OverflowError) as error:
                print(name, args, error)


def main():
    functions = UNARY | BINARY
    table = {f'{name}_{dtype}': list(rows(name, entry, dtype)) for name, entry in functions.items() for dtype in ('f64', 'f32')}
    lines = ',\n'.join(f'  {json.dumps(name)}: {json.dumps(found, separators=(",", ":"))}' for name, found in table.items())
    Path(__file__).with_name('special-accuracy.json').write_text('{\n' + lines + '\n}\n')


main()
