# The gradient is an attribute like others.
# record: x.grad
import torch

x = torch.tensor([1., 2.], requires_grad=True)
(x * 3).sum().backward()
print(x.grad)
x.grad = None
print(x.grad)
x.grad = torch.tensor([5., 5.])
(x * 3).sum().backward()
print(x.grad)
try:
    x.grad = torch.tensor([1.])
except RuntimeError as error:
    print(error)
