# Shapes that are stretched to fit.
import torch

a = torch.arange(3).reshape(3, 1)
b = torch.arange(4)
print(a + b)
print((a * b).shape, torch.broadcast_shapes((3, 1), (1, 4), (5, 1, 1)))
x, y = torch.broadcast_tensors(a, b)
print(x.shape, y.stride())
w = torch.ones(4, requires_grad=True)
(torch.arange(12.).reshape(3, 4) * w).sum().backward()
print(w.grad)
c = torch.tensor(2.0, requires_grad=True)
(torch.ones(2, 3) * c).sum().backward()
print(c.grad)
print(torch.cdist(torch.tensor([[0., 0.], [3., 4.]]), torch.tensor([[0., 0.]])))
print(torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")[0])
