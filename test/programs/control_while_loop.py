# record: x.grad, w.grad, y
"""torch.while_loop, and gradients through it."""
import torch
from torch._higher_order_ops import while_loop

x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor([1.5, 0.5], requires_grad=True)

i, y = while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, y * w + 1), (torch.tensor(0), x))
print(i, y)
y.sum().backward()
print(x.grad, w.grad)

# As long as a value asks for it.
steps, total = torch.while_loop(
    lambda i, t: t.sum() < 100, lambda i, t: (i + 1, t * 2), (torch.tensor(0), torch.tensor([1.0, 3.0]))
)
print(steps, total)

# Not once.
print(while_loop(lambda t: t.sum() < 0, lambda t: (t + 1,), (torch.ones(2),)))

# What is carried along may be a tree.
out = while_loop(
    lambda d: d['n'] > 1,
    lambda d: ({'n': torch.where(d['n'] % 2 == 0, d['n'] // 2, 3 * d['n'] + 1), 'steps': d['steps'] + 1},),
    ({'n': torch.tensor(27), 'steps': torch.tensor(0)},),
)
print(out)
