"""Writes src/engine/kernels/assembly/special-tables.ts: piecewise polynomial approximations of special functions.

    python3 scripts/special-tables.py      (needs mpmath)

Each function is interpolated at Chebyshev nodes on intervals that are halved until the relative error is below
TOLERANCE. Where it has a zero in an interval, what is interpolated is its quotient by the distance to that zero, which
is kept in two parts.
"""
from pathlib import Path

import mpmath as mp

mp.mp.dps = 50
TOLERANCE = mp.mpf(2) ** -57
INF = float('inf')


def interpolate(f, low, high, degree):
    """Coefficients, the highest first, of the polynomial in x - center that agrees with f at Chebyshev nodes."""
    center = mp.mpf(float((low + high) / 2))
    n = degree + 1
    half = (high - low) / 2
    middle = (high + low) / 2
    nodes = [mp.cos(mp.pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    values = [f(middle + half * node) for node in nodes]
    cheb = [2 / mp.mpf(n) * sum(v * mp.cos(j * mp.pi * (2 * k + 1) / (2 * n)) for k, v in enumerate(values)) for j in range(n)]
    cheb[0] /= 2
    # Chebyshev polynomials in u as monomials, then u = (x - middle) / half, then around the rounded center.
    previous, current = [mp.mpf(1)], [mp.mpf(0), mp.mpf(1)]
    total = [mp.mpf(0)] * n
    for j, c in enumerate(cheb):
        if j == 0:
            poly = previous
        elif j == 1:
            poly = current
        else:
            poly = [mp.mpf(0)] + [2 * a for a in current]
            for i, a in enumerate(previous):
                poly[i] -= a
            previous, current = current, poly
        for i, a in enumerate(poly):
            total[i] += c * a
    total = [a / half ** i for i, a in enumerate(total)]
    shift = center - middle
    result = [mp.mpf(0)] * n
    for i, a in enumerate(total):
        for j in range(i + 1):
            result[j] += a * mp.binomial(i, j) * shift ** (i - j)
    return float(center), result[::-1]


def pieces(f, low, high, degree, zeros):
    inside = [z for z in zeros if low <= z <= high]
    if len(inside) <= 1:
        zero = inside[0] if inside else None
        g = (lambda x: f(x) / (x - zero)) if inside else f
        center, coefficients = interpolate(g, low, high, degree)
        points = [low + (high - low) * (mp.mpf(k) + mp.mpf('0.37')) / 23 for k in range(23)]
        error = max(abs(mp.polyval(coefficients, x - center) / g(x) - 1) for x in points)
        if error < TOLERANCE:
            high_part = float(zero) if inside else float('nan')
            low_part = float(zero - mp.mpf(high_part)) if inside else 0.0
            return [[float(low), center, high_part, low_part] + [float(c) for c in coefficients]]
    middle = mp.mpf(float((low + high) / 2))
    return pieces(f, low, middle, degree, zeros) + pieces(f, middle, high, degree, zeros)


TABLES = []


def fit(name, doc, f, low, high, degree, zeros=()):
    rows = pieces(f, mp.mpf(low), mp.mpf(high), degree, [mp.mpf(z) for z in zeros])
    rows.append([INF])
    TABLES.append((name, doc, degree, rows))
    print(name, len(rows) - 1, 'pieces of degree', degree)


def number(x):
    if x != x:
        return 'NaN'
    return 'Infinity' if x == INF else repr(x)


def literal(name, doc, degree, rows):
    flat = [number(x) for row in rows for x in row]
    lines, line = [], ' '
    for x in flat:
        if len(line) + len(x) > 108:
            lines.append(line)
            line = ' '
        line += f' {x},'
    lines.append(line)
    body = '\n'.join(lines)
    return f'/** {doc} Degree {degree}. */\nexport const {name} = memory.data<f64>([\n{body}\n]);\n'


def root(f, x):
    return mp.findroot(f, mp.mpf(x))


# Gamma.
fit('LOG_GAMMA', 'lgamma(x) / ((x - 1) (x - 2)).', lambda x: mp.loggamma(x) / ((x - 1) * (x - 2)), 0.5 + 2 ** -40, 3 + 2 ** -30, 12)
fit('LOG_GAMMA_MIDDLE', 'lgamma(x).', mp.loggamma, 3, 8, 12)
fit('DIGAMMA', 'digamma(x).', mp.digamma, 1, 10, 12, [root(mp.digamma, 1.46)])
fit('TRIGAMMA', 'trigamma(x).', lambda x: mp.psi(1, x), 1, 10, 12)


# Error function.
def inverse(t):
    """z where erfc(z) = exp(-t²)."""
    return mp.findroot(lambda z: mp.log(mp.erfc(z)) + t * t, t - mp.mpf('0.3') if t < 2 else t - mp.log(t * 2) / (2 * t))


fit('ERFINV', 'erfinv(sqrt(s)) / sqrt(s).', lambda s: mp.erfinv(mp.sqrt(s)) / mp.sqrt(s), 0, 0.2500001, 12)
fit('ERFCINV', 'z where erfc(z) = exp(-t²).', inverse, 0.83, 27.5, 12)
fit('ERFCX', 'erfcx(x) / u, u = 1 / (1 + x).', lambda u: mp.exp((1 / u - 1) ** 2) * mp.erfc(1 / u - 1) / u, 0.019, 1.0000001, 12)

# Modified Bessel functions.
rt = mp.sqrt
for order in (0, 1):
    odd = (lambda x: x) if order else (lambda x: mp.mpf(1))
    fit(f'I{order}E', f'exp(-x) I{order}(x){" / x" if order else ""}.', lambda x: mp.exp(-x) * mp.besseli(order, x) / odd(x), 0, 8, 12)
    fit(f'I{order}E_FAR', f'sqrt(x) exp(-x) I{order}(x), in 1 / x.', lambda v: mp.besseli(order, 1 / v) * mp.exp(-1 / v) / rt(v), 0, 0.1250001, 12)
    fit(f'K{order}E', f'sqrt(x) exp(x) K{order}(x).', lambda x: rt(x) * mp.exp(x) * mp.besselk(order, x), 0.4999999, 8, 12)
    fit(f'K{order}E_FAR', f'sqrt(x) exp(x) K{order}(x), in 1 / x.', lambda v: mp.besselk(order, 1 / v) * mp.exp(1 / v) / rt(v), 0, 0.1250001, 12)
fit('K0_NEAR', 'K0(x) + log(x) I0(x), in x².', lambda s: mp.besselk(0, rt(s)) + mp.log(rt(s)) * mp.besseli(0, rt(s)), 0, 0.2500001, 6)
fit('K1_NEAR', '(K1(x) - 1 / x - log(x) I1(x)) / x, in x².', lambda s: (mp.besselk(1, rt(s)) - 1 / rt(s) - mp.log(rt(s)) * mp.besseli(1, rt(s))) / rt(s), 0, 0.2500001, 6)

# Bessel functions.
END = 16
j0zeros = [mp.besseljzero(0, k) for k in range(1, 6)]
j1zeros = [0] + [mp.besseljzero(1, k) for k in range(1, 6)]
y0zeros = [mp.besselyzero(0, k) for k in range(1, 6)]
y1zeros = [mp.besselyzero(1, k) for k in range(1, 6)]
fit('J0', 'J0(x).', lambda x: mp.besselj(0, x), 0, END, 13, j0zeros)
fit('J1', 'J1(x).', lambda x: mp.besselj(1, x), 0, END, 13, j1zeros)
fit('Y0', 'Y0(x).', lambda x: mp.bessely(0, x), 0.7499999, END, 13, y0zeros)
fit('Y1', 'Y1(x).', lambda x: mp.bessely(1, x), 0.7499999, END, 13, y1zeros)
near = lambda n, s: mp.bessely(n, rt(s)) - 2 / mp.pi * mp.log(rt(s)) * mp.besselj(n, rt(s))
fit('Y0_NEAR', 'Y0(x) - 2/pi log(x) J0(x), in x².', lambda s: near(0, s), 0, 0.5625001, 8, [root(lambda s: near(0, s), 0.4)])
fit('Y1_NEAR', '(Y1(x) + 2 / (pi x) - 2/pi log(x) J1(x)) / x, in x².', lambda s: (near(1, s) + 2 / (mp.pi * rt(s))) / rt(s), 0, 0.5625001, 8)


def modulus(n, v, part):
    x = 1 / rt(v)
    chi = x - mp.pi / 4 - n * mp.pi / 2
    j, y, c, s = mp.besselj(n, x), mp.bessely(n, x), mp.cos(chi), mp.sin(chi)
    return rt(mp.pi * x / 2) * (j * c + y * s if part == 'P' else (y * c - j * s) * x)


for order in (0, 1):
    fit(f'P{order}', f'P of the asymptotic form of order {order}, in 1 / x².', lambda v: modulus(order, v, 'P'), 0, mp.mpf(1.001) / END ** 2, 7)
    fit(f'Q{order}', f'x Q of the asymptotic form of order {order}, in 1 / x².', lambda v: modulus(order, v, 'Q'), 0, mp.mpf(1.001) / END ** 2, 7)

# Airy function.
airy_zeros = [mp.airyaizero(k) for k in range(1, 7)]
fit('AIRY', 'Ai(x).', mp.airyai, -9.5, 2, 13, airy_zeros)


def airy_right(v):
    zeta = 1 / v
    x = (zeta * 3 / 2) ** (mp.mpf(2) / 3)
    return mp.airyai(x) * mp.exp(zeta) * x ** (mp.mpf(1) / 4)


def airy_left(v, part):
    zeta = 1 / rt(v)
    x = (zeta * 3 / 2) ** (mp.mpf(2) / 3)
    a, b, c, s = mp.airyai(-x), mp.airybi(-x), mp.cos(zeta + mp.pi / 4), mp.sin(zeta + mp.pi / 4)
    scale = x ** (mp.mpf(1) / 4) * rt(mp.pi)
    return scale * (a * s + b * c if part == 'P' else (b * s - a * c) * zeta)


fit('AIRY_RIGHT', 'Ai(x) exp(zeta) x^(1/4), zeta = 2/3 x^(3/2), in 1 / zeta.', airy_right, 0, 0.531, 12)
fit('AIRY_LEFT_P', 'P of Ai(-x) = x^(-1/4) / sqrt(pi) (P sin - Q cos)(zeta + pi/4), in 1 / zeta².', lambda v: airy_left(v, 'P'), 0, 1 / mp.mpf(19.4) ** 2, 7)
fit('AIRY_LEFT_Q', 'zeta Q, in 1 / zeta².', lambda v: airy_left(v, 'Q'), 0, 1 / mp.mpf(19.4) ** 2, 7)

HEADER = '// Written by scripts/special-tables.py. A row of a table: where it begins, the center of its polynomial, a zero of the\n// function in two parts (or NaN), the coefficients, the highest first. The last row begins at infinity.\n\n'
target = Path(__file__).parent.parent / 'src/engine/kernels/assembly/special-tables.ts'
target.write_text(HEADER + '\n'.join(literal(*table) for table in TABLES))
