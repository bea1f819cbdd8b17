# record: x.grad, w.grad
"""scan and map: a function of one slice after the other."""
import torch
from torch._higher_order_ops import map, scan

x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
w = torch.tensor([0.5, 2.0], requires_grad=True)


def step(h, x):
    h = torch.tanh(h * w + x)
    return h, h * 2


last, states = scan(step, torch.zeros(2), x)
print(last)
print(states)

last, sums = scan(lambda c, s: (c + s, (c * s).sum()), x[:, 0].clone(), x, dim=1, reverse=True)
print(last, sums)

carry, ys = scan(
    lambda c, s: ({'a': c['a'] + s['v']}, [c['a'] * w]), {'a': torch.zeros(2)}, {'v': x}, dim=0
)
print(carry, ys)
print(scan(lambda c, s: (c, s), torch.zeros(2), []))

rows = map(lambda row, y: row * y + 1, x, w)
print(rows)
print(map(lambda row, k: row * k, x, 3))
(states.sum() + sums.prod() + rows.sum()).backward()
print(x.grad)
print(w.grad)
