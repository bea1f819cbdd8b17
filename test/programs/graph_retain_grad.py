# A tensor that is no leaf keeps its gradient when asked to.
# record: w.grad, a.grad, b.grad
import torch

w = torch.tensor([1.], requires_grad=True)
x = torch.tensor([2.], requires_grad=True)
a = torch.add(w, x)
a.retain_grad()
b = torch.add(w, 1)
b.retain_grad()
y = torch.mul(a, b)
y.backward()
print(w.grad, x.grad, a.grad, b.grad)
print(a.retains_grad, y.retains_grad, w.retains_grad)
