# A hook on a leaf that changes its gradient.
# record: w.grad
import torch

w = torch.tensor([1.], requires_grad=True)
x = torch.tensor([2.], requires_grad=True)
a = torch.add(w, x)
b = torch.add(w, 1)
y = torch.mul(a, b)


def grad_hook(grad):
    grad *= 2
    return grad * 3


handle = w.register_hook(grad_hook)
y.backward()
print("w.grad: ", w.grad)
handle.remove()
