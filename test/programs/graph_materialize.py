# Zeros in the place of gradients that are not there.
import torch

x = torch.tensor([2.0, 1.0], requires_grad=True)
z = torch.tensor([3.0, 4.0, 5.0], requires_grad=True)
y = (x * 2).sum()
gx, gz = torch.autograd.grad(y, [x, z], materialize_grads=True)
print(gx, gz)
