# record: x.grad, w.grad, y, z
"""torch.cond: one of two functions, by the value of a tensor."""
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor([3.0, 4.0], requires_grad=True)


def true_fn(x):
    return x * w


def false_fn(x):
    return (x - w) ** 2


y = torch.cond(x.sum() > 0, true_fn, false_fn, (x,))
z = torch.cond(x.sum() < 0, true_fn, false_fn, (x,))
print(y)
print(z)
print(y.grad_fn.name(), y.requires_grad, y.shape)
(y + z).sum().backward()
print(x.grad, w.grad)

print(torch.cond(x.shape[0] > 1, lambda x: x + 1, lambda x: x - 1, (x,)))
print(torch.cond(x.sum() > 0, lambda: w * 2, lambda: w * 3))
print(torch.cond(torch.tensor([0]), lambda a: a + 1, lambda a: a - 1, (torch.tensor([5, 6]),)))

with torch.no_grad():
    print(torch.cond(x.sum() > 0, true_fn, false_fn, (x,)))
