# A tensor that the result does not depend on.
import torch

x = torch.tensor(2.0, requires_grad=True)
z = torch.tensor(3.0, requires_grad=True)
y = x * 2
print(torch.autograd.grad(y, [x, z], allow_unused=True, retain_graph=True))
print(z.grad)
print(torch.autograd.grad(y, [x, z]))
