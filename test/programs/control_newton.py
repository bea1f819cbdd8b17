"""A root by Newton's steps, and how it moves with the equation."""
import torch
from torch._higher_order_ops.while_loop import while_loop

a = torch.tensor([2.0, 3.0, 10.0], dtype=torch.float64, requires_grad=True)


def residual(r):
    return r * r - a


def keep_going(r):
    return residual(r).abs().max() > 1e-12


def step(r):
    return (r - residual(r) / (2 * r),)


(root,) = while_loop(keep_going, step, (torch.ones(3, dtype=torch.float64),))
print(root)
root.sum().backward()
print(a.grad)
print(1 / (2 * root.detach()))
