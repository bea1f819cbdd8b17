# The derivative of a root by the implicit function theorem.
import torch


def g(x, a):
    return x ** 3 + a * x - 1


a = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
x = torch.tensor(0.5, dtype=torch.float64)
for _ in range(30):
    x = x - g(x, a.detach()) / (3 * x ** 2 + a.detach())
x.requires_grad_()
gx, ga = torch.autograd.grad(g(x, a), (x, a))
implicit = -ga / gx
unrolled = torch.tensor(0.5, dtype=torch.float64)
for _ in range(30):
    unrolled = unrolled - g(unrolled, a) / (3 * unrolled ** 2 + a)
(direct,) = torch.autograd.grad(unrolled, a)
print(f"{x.item():.8f} {implicit.item():.8f} {direct.item():.8f}")
