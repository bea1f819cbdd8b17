# Writing through .data goes past autograd.
# record: x.grad
import torch

x = torch.tensor([1., 2.], requires_grad=True)
y = x * x
x.data[0] = 10.
print(x, y)
y.sum().backward()
print(x.grad)
x.data = torch.tensor([0., 0.])
print(x)
