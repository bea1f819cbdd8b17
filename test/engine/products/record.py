"""Writes cases.json: what PyTorch makes of the expressions in expressions.txt, complaints included.

    python3 test/engine/products/record.py      (needs torch 2.13)
"""
import json
import warnings
from pathlib import Path

import torch

warnings.simplefilter('ignore')
torch.set_default_dtype(torch.float64)
torch.backends.opt_einsum.enabled = False  # contractions of more than two from the left
here = Path(__file__).parent
f32, i64, flag = torch.float32, torch.int64, torch.bool

LEAVES = {
    'A': torch.tensor([[0.5, 1, -2], [3, 4, 5]]), 'B': torch.tensor([[1.5, -1], [2, 0.25], [3, 1]]), 'S': torch.tensor(2.5),
    'V': torch.tensor([0.25, 1, 2]), 'W': torch.tensor([7, 8.5]), 'Q': torch.tensor([[1.5, -2], [3, 4.25]]),
    'T': torch.tensor([[[1., 2], [3, 4]], [[5, 6], [7, 9]]]), 'Z': torch.zeros(0, 2),
    'N': torch.tensor([1, 2, 3]), 'N2': torch.tensor([4, -5]), 'N23': torch.tensor([[1, 2, 3], [-4, 5, 6]]),
    'N3': torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), 'M': torch.tensor([True, False, True]),
    'M2': torch.tensor([True, False]), 'M23': torch.tensor([[False, True, False], [False, False, True]]),
    'M3': torch.ones(3, 3, dtype=flag), 'F': torch.ones(3, 2, dtype=f32), 'F3': torch.ones(3, dtype=f32),
    'F22': torch.ones(2, 2, dtype=f32),
}


def plain(t):
    return {'dtype': str(t.dtype).removeprefix('torch.'), 'shape': list(t.shape), 'data': t.detach().flatten().tolist()}


def trace(root):
    """The nodes in breadth-first order."""
    seen, queue = {root: None}, [root]
    for node in queue:
        for child, _ in node.next_functions:
            if child is not None and child not in seen:
                seen[child] = None
                queue.append(child)
    return [node.name().removeprefix('torch::autograd::') for node in queue]


def case(expression):
    leaves = {k: t.clone().requires_grad_(t.dtype == torch.float64) for k, t in LEAVES.items()}
    try:
        out = eval(expression, {'torch': torch, **leaves})
    except Exception as error:
        return {'expression': expression, 'complaint': str(error).split('\n')[0]}
    result = {'expression': expression, 'output': plain(out)}
    if not out.requires_grad:
        return result
    result['trace'] = trace(out.grad_fn)
    try:
        out.backward(torch.arange(1.0, out.numel() + 1).reshape(out.shape))
    except RuntimeError:
        return result
    result['gradients'] = {k: plain(t.grad) for k, t in leaves.items() if t.grad is not None}
    return result


if __name__ == '__main__':
    lines = (here / 'expressions.txt').read_text().splitlines()
    leaves = {k: {**plain(t), 'requires_grad': t.dtype == torch.float64} for k, t in LEAVES.items()}
    rows = ',\n'.join(json.dumps(case(line)) for line in lines if line)
    (here / 'cases.json').write_text(f'{{"leaves": {json.dumps(leaves)},\n"cases": [\n{rows}\n]}}\n')
