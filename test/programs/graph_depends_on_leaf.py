# What depends on a leaf that requires a gradient requires one too.
import torch

w = torch.tensor([1.], requires_grad=True)
x = torch.tensor([2.])
a = torch.add(w, x)
b = torch.add(x, 1)
y = torch.mul(a, b)
print(w.requires_grad, x.requires_grad, a.requires_grad, b.requires_grad, y.requires_grad)
print(b.is_leaf, b.grad_fn, a.is_leaf)
y.backward()
print(w.grad, x.grad)
