"""Records what PyTorch draws: random.json, the expectations of random.test.ts.

python test/engine/random_numbers.py > test/engine/random.json
"""
import json
import warnings

import torch
import torch.nn.functional as F

warnings.simplefilter('ignore')

SEEDS = [0, 10, 2**40 + 7, -1]
SIZES = ['1', '15', '16', '17', '100', '(3, 7)', '(0, 2)', '700']


def leaves():
    torch.manual_seed(99)
    draw = torch.rand(700, dtype=torch.float64)
    return {
        'x': (draw[:24] * 4 - 2).reshape(2, 3, 4),
        'm': (draw[30:54] * 4 - 2).reshape(4, 6),
        'p': draw[60:80],
        'w': draw[100:120].reshape(4, 5),
        's': draw[200:240] * 3,
    }


def expressions():
    for size in SIZES:
        for name in ('rand', 'randn'):
            yield f'torch.{name}({size})', SEEDS
        yield f'torch.normal(1.3, 0.7, {size if "," in size else f"({size},)"})', SEEDS[1:2]
        yield f'torch.randint(10, {size if "," in size else f"({size},)"})', SEEDS[1:2]
    yield 'torch.rand(())', SEEDS
    yield 'torch.randn(())', SEEDS
    for n in (0, 1, 2, 5, 16, 1000):
        yield f'torch.randperm({n})', SEEDS
    yield 'torch.randperm(9, dtype=torch.float32)', SEEDS[:1]
    yield from ((text, SEEDS[:2]) for text in (
        'torch.randint(-5, 5, (20,))',
        'torch.randint(0, 2, (20,), dtype=torch.bool)',
        'torch.randint(268435455, (9,))',
        'torch.randint(268435456, (9,))',
        'torch.randint(-2**62, 2**62, (9,))',
        'torch.randint(0, 2**31, (9,), dtype=torch.int32)',
        'torch.randint(0, 2**30, (9,), dtype=torch.float32)',
        'torch.randint(3, 2**25 + 3, (40,), dtype=torch.float32)',
        'torch.randint(5, (9,), dtype=torch.float64)',
        'torch.rand_like(m)', 'torch.rand_like(m.t())', 'torch.randn_like(m)', 'torch.randn_like(m.t())',
        'torch.rand_like(m[:, ::2])', 'torch.rand_like(m.expand(2, 4, 6))', 'torch.randn_like(x[0, 0])',
        'torch.randint_like(m, 5)', 'torch.randint_like(m.t(), -3, 3)',
        'torch.randn_like(x.permute(2, 0, 1))', 'torch.rand_like(x, dtype=torch.float32)',
        'torch.bernoulli(p)', 'torch.bernoulli(m.sigmoid().t())', 'torch.bernoulli(p, 0.3)', 'p.bernoulli(0.5)',
        'torch.bernoulli(m > 0, 0.5)',
        'torch.normal(p, 0.5)', 'torch.normal(2.5, p)', 'torch.normal(p, p)', 'torch.normal(m, m[:1].abs())',
        'torch.normal(x[0, 0], 1.5)', 'torch.normal(p)',
        'torch.poisson(s)', 'torch.poisson(s * 20)', 'torch.poisson(s * 3000)',
        'torch.multinomial(p, 1)', 'torch.multinomial(p, 7)', 'torch.multinomial(p, 30, True)',
        'torch.multinomial(w, 1)', 'torch.multinomial(w, 3)', 'torch.multinomial(w, 9, replacement=True)',
        'F.dropout(m)', 'F.dropout(m, 0.2)', 'F.dropout(m.t(), 0.7)', 'F.dropout(m, 1.0)', 'F.dropout(m, 0.0)',
        'F.dropout1d(m)', 'F.dropout1d(x, 0.3)', 'F.dropout2d(x)', 'F.dropout2d(x.unsqueeze(-1))',
        'F.dropout3d(x.unsqueeze(-1))', 'F.dropout3d(x.unsqueeze(-1).unsqueeze(-1), 0.4)',
        'F.alpha_dropout(m, 0.4, True)', 'F.feature_alpha_dropout(x, 0.4, True)', 'F.alpha_dropout(m)',
        'torch.randn(3) + torch.randn(5)[:3] * torch.rand(3)',
        'torch.cat([torch.randn(1), torch.rand(2), torch.randn(20), torch.randperm(3), torch.randn(2)])',
        'F.dropout(torch.randn(30) @ torch.randn(30, 30), 0.1) * torch.rand(30)',
        'torch.rand(3) * 0 + torch.rand(3)',
    ))


def record():
    for text, seeds in expressions():
        for seed in seeds:
            for dtype in (torch.float64, torch.float32):
                torch.set_default_dtype(dtype)
                names = {name: value.to(dtype) for name, value in leaves().items()}
                torch.manual_seed(seed)
                out = eval(text, {'torch': torch, 'F': F, **names})
                yield {
                    'seed': seed,
                    'dtype': str(dtype)[6:],
                    'expression': text,
                    'result': {
                        'dtype': str(out.dtype)[6:],
                        'shape': list(out.shape),
                        'data': out.reshape(-1).tolist(),
                    },
                }


torch.set_default_dtype(torch.float64)
cases = [json.dumps(case, separators=(',', ':')) for case in record()]
inputs = {name: {'shape': list(value.shape), 'data': value.reshape(-1).tolist()} for name, value in leaves().items()}
print('{"leaves":' + json.dumps(inputs) + ',\n"cases":[\n' + ',\n'.join(cases) + '\n]}')
