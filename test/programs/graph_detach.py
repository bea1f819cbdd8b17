# detach cuts the graph and shares the memory.
# record: x.grad
import torch

x = torch.tensor([1., 2.], requires_grad=True)
y = x * 3
z = y.detach()
print(z, z.requires_grad, z.is_leaf, z.grad_fn)
z[0] = 100
print(y)
out = (y * z).sum()
out.backward()
print(x.grad)
