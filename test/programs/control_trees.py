# record: x.grad, w.grad
"""Operands and results of torch.cond in tuples, lists and dicts."""
import torch

x = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
w = torch.tensor([0.5, 1.5, 2.5], requires_grad=True)


def scaled(d, pair):
    return {'a': d['a'] * pair[0], 'rest': [d['b'].sum(), (pair[1] + 1, d['a'].exp())]}


def shifted(d, pair):
    return {'a': d['a'] + pair[0], 'rest': [d['b'].prod(), (pair[1] - 1, d['a'].sin())]}


for threshold in (-1.0, 5.0):
    out = torch.cond(x.sum() > threshold, scaled, shifted, ({'a': x, 'b': w}, (w, x)))
    print(sorted(out), len(out['rest']))
    print(out['a'])
    print(out['rest'][0])
    print(out['rest'][1])
    total = out['a'].sum() + out['rest'][0] + out['rest'][1][0].sum() + out['rest'][1][1].sum()
    total.backward()
print(x.grad)
print(w.grad)
