"""Writes cases.json: what PyTorch makes of the expressions in expressions.txt, complaints included.

    python3 test/engine/arrangement/record.py      (needs torch 2.13)
"""
import json
import warnings
from pathlib import Path

import torch

warnings.simplefilter('ignore')
here = Path(__file__).parent
f64 = torch.float64
T = torch.tensor

LEAVES = {
    'X': [[0.5, 1, 2], [3, 4, 5]], 'S': 2.5, 'V': [0.25, 1, 2], 'W': [7, 8.5], 'Q': [[1.5, -2], [3, 4.25]],
    'C': [[[1, 2, 3, 4], [5, 6, 7, 8]], [[9, 10, 11, 12], [13, 14, 15, 16]]], 'G': [10, 11, 12, 13, 14, 15],
    'NAN': [4, float('nan'), 6], 'ZS': [0, 2, 3], 'ZV': [0, 4, 0],
}
CONSTANTS = {
    'i0': T([], dtype=torch.long), 'i2': T([0, 1]), 'i22': T([1, 1]), 'i3': T([0, 0, 1]), 'I4': T([0, 3, 3, 1]),
    'I9': T([0, 9]), 'J': T([0, 1], dtype=torch.int32), 'F': T([0., 1.], dtype=f64), 'F3': T([0., 1., 2.], dtype=f64),
    'IM': T([[0, 0], [1, 2]]), 'IM3': T([[0, 0], [1, 2], [1, 1]]), 'IM9': T([[0, 0], [1, 3]]),
    'IC': T([[[0, 1, 1, 0], [1, 0, 0, 1]], [[1, 1, 0, 0], [0, 0, 1, 1]]]), 'FM': T([[0., 0], [1, 2]], dtype=f64),
    'z0': T(1), 'z1': T([0]), 'N': T([1, 2, 3]), 'N2': T([3, 4]), 'N3': T([4, 5, 6]), 'M': T([True, False, True]),
    'M2': T([True, False]), 'M3': T([True, True, True]), 'MS': T(True), 'E': torch.zeros(0, dtype=f64),
    'XM': T([[True, True, True], [True, False, True]]), 'MX': T([[True, False, True], [False, True, True]]),
    'R32': torch.ones(2, 3), 'W32': torch.ones(2), 'G32': torch.ones(6), 'S32': T(1.5),
}


def plain(t):
    data = [repr(x).capitalize().replace('Nan', 'NaN') if isinstance(x, float) and x != x else x
            for x in t.detach().reshape(-1).tolist()]
    return {'dtype': str(t.dtype)[6:], 'shape': list(t.shape), 'data': data}


def record(text, leaves):
    try:
        result = eval(text, {'torch': torch, **leaves, **CONSTANTS})
    except Exception as error:
        return {'expression': text, 'complaint': str(error).split('\nException raised')[0].split('\n')[0]}
    if not isinstance(result, torch.Tensor):
        return {'expression': text, 'parts': len(result)}
    case = {'expression': text, 'output': plain(result)}
    if result.requires_grad:
        ones = torch.arange(1., 1 + result.numel(), dtype=f64).reshape(result.shape).to(result.dtype)
        gradients = torch.autograd.grad(result, list(leaves.values()), ones, allow_unused=True)
        case['gradients'] = {k: plain(g) for k, g in zip(leaves, gradients) if g is not None}
        case['node'] = 'AccumulateGrad' if result.grad_fn is None else result.grad_fn.name()
    return case


leaves = {k: T(v, dtype=f64).requires_grad_() for k, v in LEAVES.items()}
cases = [record(line, leaves) for line in (here / 'expressions.txt').read_text().splitlines() if line]
cases = [case for case in cases if 'parts' not in case and 'invalid combination' not in case.get('complaint', '')]
tensors = {**{k: {**plain(v), 'requires_grad': True} for k, v in leaves.items()},
           **{k: {**plain(v), 'requires_grad': False} for k, v in CONSTANTS.items()}}
lines = ',\n'.join(json.dumps(case) for case in cases)
(here / 'cases.json').write_text('{"leaves": %s,\n"cases": [\n%s\n]}\n' % (json.dumps(tensors), lines))
