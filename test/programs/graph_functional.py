# jacobian, hessian, vjp and jvp of torch.autograd.functional.
import torch
from torch.autograd.functional import hessian, jacobian, vjp


def f(x):
    return x ** 2 + x.sum()


def g(x):
    return (x ** 3).sum() + x[0] * x[1]


x = torch.tensor([1., 2., 3.])
print(jacobian(f, x))
print(hessian(g, x))
value, product = vjp(f, x, torch.tensor([1., 0., 2.]))
print(value, product)
