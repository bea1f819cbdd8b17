# Two backward passes through a graph that is kept.
# record: w.grad, x.grad
import torch

w = torch.tensor([1.], requires_grad=True)
x = torch.tensor([2.], requires_grad=True)
a = torch.add(w, x)
b = torch.add(w, 1)
y = torch.mul(a, b)
y.backward(retain_graph=True)
print(w.grad, x.grad)
y.backward()
print(w.grad, x.grad)
