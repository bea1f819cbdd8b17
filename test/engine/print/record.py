"""Records how PyTorch prints tensors, and CPython numbers: recorded.json, the expectations of print.test.ts.

python test/engine/print/record.py
"""
import json
import random
import struct
from pathlib import Path

import torch

DTYPES = [torch.float32, torch.float64, torch.int64, torch.int32, torch.bool]
INF, NAN = float('inf'), float('nan')
rng = random.Random(7)
tensors = []


def wire(value):
    """JSON has no NaN and no large ints; floats go by their repr, which JavaScript reads back."""
    return value if isinstance(value, bool) else str(value)


def add(tensor, options=None, default=torch.float32):
    torch.set_printoptions(profile='default')
    torch.set_printoptions(**(options or {}))
    torch.set_default_dtype(default)
    text = repr(tensor)
    assert str(tensor) == text
    torch.set_default_dtype(torch.float32)
    torch.set_printoptions(profile='default')
    node = tensor.grad_fn
    flat = tensor.detach().reshape(-1)
    # What a large tensor holds is said by a rule that the test knows too.
    large = flat.numel() > 100 and flat.equal(ramp(flat.numel(), tensor.dtype))
    values = 'ramp' if large else [wire(v) for v in flat.tolist()]
    tensors.append({
        'dtype': str(tensor.dtype)[6:], 'shape': list(tensor.shape), 'values': values,
        'default': str(default)[6:], 'options': options or {}, 'grad_fn': type(node).__name__ if node else None,
        'requires_grad': tensor.requires_grad, 'parameter': isinstance(tensor, torch.nn.Parameter), 'text': text,
    })


def ramp(n, dtype):
    return ((torch.arange(n) % 1009) - 500).to(dtype) if dtype != torch.bool else torch.arange(n) % 3 == 0


def magnitude(low, high):
    return rng.choice([-1, 1]) * 10 ** rng.uniform(low, high)


def shaped(make, shape, dtype=torch.float32):
    n = 1
    for size in shape:
        n *= size
    return torch.tensor([make() for _ in range(n)], dtype=dtype).reshape(shape)


SPECIALS = [
    [0.0], [-0.0], [0.0, -0.0], [NAN], [INF], [-INF, INF, NAN], [1.0, NAN], [1.5, NAN], [1.5, -INF], [1e10, INF], [0.0, INF],
    [1.0, 2.0, 3.0], [1.0, -2.0, 30.0], [1.0, 2.5], [-0.5, 0.25], [1000.0], [1000.5], [0.001, 1.0], [0.001, 1.001],
    [0.0001], [0.00011], [0.00009], [1e-4, 0.1], [1e8], [1e8 + 8], [100000001.0], [1.0, 1000.0], [1.0, 1001.0], [0.5, 500.0],
    [0.5, 500.5], [1e9, 1.0], [123456.789], [1e15], [1e16], [1e17, 2.0], [1e-45], [5e-324], [1.7976931348623157e308],
    [3.4028234663852886e38], [0.03125], [0.09375, 0.15625], [2.00005], [1.00005, 2.00015], [-1.5], [99999.5], [0.99999],
    [0.99995], [9.99995e-5], [1e-5, 1.0], [0.1], [0.1, 0.2, 0.3], [1 / 3], [2 / 3, -2 / 3], [1e-10, 0.0], [0.0, 0.0, 1e-3],
    [1e22], [1e22, 0.5], [12345678.0], [-12345678.0], [99999999.0, 0.0], [6.25e-2, 1e5], [1.0, 1e-3, 1e-1],
    [1.25e-5], [1.00005e-5], [2.5, 3.5, -0.5], [1e3, 1e4, 1e5],
]


def specials():
    for values in SPECIALS:
        for dtype in (torch.float32, torch.float64):
            add(torch.tensor(values, dtype=dtype))
    for value in (0.0, 1.0, -3.0, 0.1, 1e-5, 1e9, NAN, INF, -INF, 2.5, 1e5, 123456.7):
        add(torch.tensor(value))
        add(torch.tensor(value, dtype=torch.float64, requires_grad=True))
    for dtype in (torch.int64, torch.int32):
        for values in (0, 7, -123, [1, 2, 3], [-1, 10, 100], [2**31 - 1, -2**31], [[1, -2], [30, 4]]):
            add(torch.tensor(values, dtype=dtype))
    add(torch.tensor([2**63 - 1, -2**63, 0]))
    for values in (True, False, [True, False], [True, True], [[True], [False]], [[False, False]]):
        add(torch.tensor(values))


def magnitudes():
    ranges = [(-1, 1), (0, 3), (-3, 0), (-6, -3), (3, 7), (6, 12), (-10, 10), (-2, 2), (-40, 30)]
    for low, high in ranges:
        for shape in ([5], [20], [3, 4], [2, 3, 2]):
            for dtype in (torch.float32, torch.float64):
                add(shaped(lambda: magnitude(low, high), shape, dtype))
    for high in (1, 3, 8, 12, 16):
        add(shaped(lambda: float(rng.randint(-10**high, 10**high)), [6], torch.float64))
        add(shaped(lambda: rng.randint(-10**high, 10**high), [4, 3], torch.int64))
    for _ in range(12):
        pool = [0.0, -0.0, 1.0, 2.0, -7.0, 0.5, 1e-5, 1e9, NAN, INF, -INF, 1 / 3]
        chosen = rng.sample(pool, 4)
        add(shaped(lambda: rng.choice(chosen), [2, 7], rng.choice(DTYPES[:2])))


def shapes():
    for shape in ([0], [0, 3], [3, 0], [2, 0, 3], [1], [1, 1], [1, 1, 1, 1, 1], [2, 1, 3], [2, 2, 2, 2], [2, 1, 2, 2, 3], [1, 30], [30, 1],
                  [7, 7], [3, 25], [40], [2, 2, 17]):
        for dtype in DTYPES:
            add(ramp(torch.Size(shape).numel(), dtype).reshape(shape))
        add((ramp(torch.Size(shape).numel(), torch.float64) / 7).reshape(shape))
    for shape in ([1000], [1001], [999], [10, 100], [10, 101], [6, 200], [7, 200], [200, 6], [200, 7], [2000, 1], [1, 2000],
                  [11, 10, 10], [7, 12, 13], [2, 3, 200], [4, 4, 4, 4, 4], [5, 5, 5, 9], [8, 1, 8, 1, 20], [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]):
        for dtype in (torch.float32, torch.int64, torch.bool):
            add(ramp(torch.Size(shape).numel(), dtype).reshape(shape))
        if shape[0] % 2:
            add((ramp(torch.Size(shape).numel(), torch.float32) / 3).reshape(shape))
    for shape in ([10000], [2**20], [1000, 1000], [100, 100, 100], [50, 1, 20, 30]):
        for dtype in DTYPES:
            add(ramp(torch.Size(shape).numel(), dtype).reshape(shape))
    for shape in ([1001], [40, 40]):
        # What a summary leaves out has no say in how the rest is written.
        middle = torch.ones(torch.Size(shape).numel())
        middle[500] = 1e-9
        add(middle.reshape(shape))


def suffixes():
    for default in (torch.float32, torch.float64):
        for dtype in DTYPES:
            for shape in ([], [3], [2, 3], [0], [0, 2]):
                add(ramp(torch.Size(shape).numel(), dtype).reshape(shape), default=default)
    x = torch.tensor([1.5, 2.5], requires_grad=True)
    w = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    for tensor in (x, w, x * 2, x.sum(), w + 1, torch.cat([x, x]), x.exp().sin(), x[0], x.view(2, 1), x.detach(), (x * w).mean(), x @ x,
                   torch.nn.functional.binary_cross_entropy_with_logits(x, torch.ones(2)), x.double(), x.expand(3, 2), x[None][:, :0]):
        add(tensor)
        add(tensor, default=torch.float64)
    for n in range(1, 40, 2):
        add(torch.arange(float(n), requires_grad=True))
        add((torch.arange(float(n), dtype=torch.float64, requires_grad=True) / 3).tanh())
    for n in range(3, 16):
        add(torch.full([n], 7, dtype=torch.int32))
        add(torch.full([2, n], 0.123, dtype=torch.float64, requires_grad=True))
    add(torch.nn.Parameter(torch.ones(2, 2)))
    add(torch.nn.Parameter(torch.tensor([1e-5, 2.0], dtype=torch.float64)))
    add(torch.nn.Parameter(torch.ones(3), requires_grad=False))


def options():
    sample = [torch.tensor([1.0, 2.0, 3.0]), torch.tensor([[1.23456789, -100.5], [0.001, 12345.6]]), torch.tensor([NAN, 1.5, -INF]), torch.zeros(2),
              torch.arange(30) - 15, torch.arange(60).reshape(3, 4, 5) / 7, torch.tensor(0.1, dtype=torch.float64), torch.tensor([0.5, 1.5, 2.5, -0.125]),
              torch.tensor([True, False])]
    for chosen in (
        {'precision': 0}, {'precision': 2}, {'precision': 8}, {'precision': 17}, {'precision': 60}, {'precision': 120}, {'sci_mode': True}, {'sci_mode': False},
        {'sci_mode': True, 'precision': 0}, {'threshold': 5}, {'threshold': 5, 'edgeitems': 1}, {'threshold': 5, 'edgeitems': 2}, {'threshold': 2, 'edgeitems': 0},
        {'edgeitems': 0}, {'linewidth': 20}, {'linewidth': 1}, {'linewidth': 200}, {'profile': 'short'}, {'profile': 'full'}, {'threshold': 0},
    ):
        for tensor in sample:
            add(tensor, chosen)
    add(torch.arange(1200), {'profile': 'full'})
    add(torch.arange(1200), {'threshold': INF})
    add(torch.arange(1200.0).reshape(30, 40), {'profile': 'short'})


def numbers():
    values = [0.0, -0.0, 1.0, -1.0, 0.1, 1e-4, 1e-5, 0.00012345, 1e15, 1e16, 123456789012345680.0, 1e17, 1e21, 1e22, 1e100, 5e-324, 1.7976931348623157e308,
              0.5, 1.5, 2.5, 0.125, 0.375, 2.675, 1e23, NAN, INF, -INF, 9.5, 99.5, 0.05, 1 / 3, 2 / 3, 100.0, 123456.0, 1234567.0, 0.0001234567, 9.9999995,
              0.99999949999, 2.0**70, -2.0**-30, 999999.5, 1e5, 1e6]
    values += [struct.unpack('<d', struct.pack('<Q', rng.getrandbits(64)))[0] for _ in range(50)]
    values += [rng.randint(-1000, 1000) / 2 ** rng.randint(0, 12) for _ in range(100)] + [magnitude(-8, 20) for _ in range(100)]
    rows = []
    for x in values:
        texts = {f'{p}{k}': format(x, f'.{p}{k}') for k in 'feg' for p in (0, 1, 3, 4, 6, 17)}
        rows.append({'value': str(x), 'repr': repr(x), **texts})
    return rows


for group in (specials, magnitudes, shapes, suffixes, options):
    group()
with Path(__file__).with_name('recorded.json').open('w') as file:
    rows = ',\n'.join(json.dumps(row) for row in tensors)
    texts = ',\n'.join(json.dumps(row) for row in numbers())
    file.write(f'{{"tensors":[\n{rows}\n],"numbers":[\n{texts}\n]}}\n')
print(len(tensors), 'tensors')
