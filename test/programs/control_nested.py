# record: x.grad, w.grad
"""Control flow within control flow."""
import torch

x = torch.tensor([0.5, 3.0], requires_grad=True)
w = torch.tensor([2.0, 0.25], requires_grad=True)


def inner(x):
    return torch.cond(x[0] > x[1], lambda x: x * w, lambda x: x / w, (x,))


y = torch.cond(x.sum() > 0, inner, lambda x: x + w, (x,))
print(y)


def body(i, y):
    return i + 1, torch.cond(y.sum() > 4, lambda y: y * 0.5, lambda y: y * w + 1, (y,))


i, z = torch.while_loop(lambda i, y: i < 5, body, (torch.tensor(0), y))
print(i, z)
(y * z).sum().backward()
print(x.grad, w.grad)
