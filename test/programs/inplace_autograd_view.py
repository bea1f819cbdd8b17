# A change in place of a view of a computed tensor.
# record: x.grad
import torch

x = torch.tensor([1., 2., 3.], requires_grad=True)
y = x * 2
v = y[1:]
v.mul_(10)
print(y)
print(v)
y.sum().backward()
print(x.grad)
