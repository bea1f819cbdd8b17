"""Writes accuracy.json: elementary functions at random and special arguments, rounded from 60 digits.

    python3 test/engine/kernels/accuracy.py      (needs mpmath)
"""
import json
import math
import random
import struct
from pathlib import Path

import mpmath as mp

mp.mp.dps = 60
random.seed(1)

FUNCTIONS = {
    'exp': mp.exp, 'exp2': lambda x: mp.mpf(2) ** x, 'expm1': mp.expm1, 'log': mp.log, 'log1p': mp.log1p,
    'log2': lambda x: mp.log(x, 2), 'log10': lambda x: mp.log(x, 10), 'sin': mp.sin, 'cos': mp.cos, 'tan': mp.tan,
    'asin': mp.asin, 'acos': mp.acos, 'atan': mp.atan, 'sinh': mp.sinh, 'cosh': mp.cosh, 'tanh': mp.tanh,
    'asinh': mp.asinh, 'acosh': mp.acosh, 'atanh': mp.atanh, 'erf': mp.erf, 'erfc': mp.erfc,
    'sigmoid': lambda x: 1 / (1 + mp.exp(-x)), 'sqrt': mp.sqrt, 'rsqrt': lambda x: 1 / mp.sqrt(x),
    'logsigmoid': lambda x: -mp.log1p(mp.exp(-x)),
}
DOMAIN = {
    'log': (0, math.inf), 'log2': (0, math.inf), 'log10': (0, math.inf), 'log1p': (-1, math.inf), 'asin': (-1, 1),
    'acos': (-1, 1), 'atanh': (-1, 1), 'acosh': (1, math.inf), 'sqrt': (0, math.inf), 'rsqrt': (0, math.inf),
}
# Where 1 + exp(-x) overflows PyTorch answers 0, not the last subnormal numbers.
FLOOR = {'sigmoid': {'f64': -709, 'f32': -88}}


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


def arguments(dtype):
    top = 37 if dtype == 'f32' else 300
    xs = [random.uniform(-1, 1) for _ in range(16)] + [random.uniform(-10, 10) for _ in range(10)]
    xs += [random.uniform(-110, 110) for _ in range(10)] + [random.uniform(-750, 750) for _ in range(10)]
    xs += [random.choice([-1, 1]) * 10 ** random.uniform(-top, top) for _ in range(20)]
    xs += [1 + random.choice([-1, 1]) * 10 ** random.uniform(-15, 0) for _ in range(10)]
    xs += [k * math.pi / 2 for k in (1, 2, 3, 7, 100, 12345)] + [1885045.0965584877, 1948462.919719429, 3e6 + 0.1]
    xs += [1, -1, 0.5, 2, 88.7, 88.8, -87.4, -100.5, 709.7, 709.9, -708.6, -740, 1e-310, 5e-324, 1e-40, 1.5e-45]
    return sorted({rounded(x, dtype) for x in xs if x != 0} - {0.0})


def cases(name, dtype):
    low, high = DOMAIN.get(name, (-math.inf, math.inf))
    floor = FLOOR.get(name, {}).get(dtype, -math.inf)
    for x in arguments(dtype):
        if not low < x < high or x < floor or (abs(x) > 1e5 and name in ('exp', 'exp2', 'expm1', 'sinh', 'cosh', 'tanh', 'erf', 'erfc', 'sigmoid', 'logsigmoid')):
            continue
        yield [x, nearest(FUNCTIONS[name](mp.mpf(x)), dtype)]


def plain(x):
    return x if math.isfinite(x) else str(x).replace('inf', 'Infinity')


table = {f'{name}_{dtype}': [[x, plain(y)] for x, y in cases(name, dtype)] for name in FUNCTIONS for dtype in ('f64', 'f32')}
lines = ',\n'.join(f'  {json.dumps(name)}: {json.dumps(rows, separators=(",", ":"))}' for name, rows in table.items())
Path(__file__).with_name('accuracy.json').write_text('{\n' + lines + '\n}\n')
