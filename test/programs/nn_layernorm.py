# LayerNorm, with its gradients.
# record: norm.weight.grad
import torch
from torch import nn

norm = nn.LayerNorm(4)
x = torch.tensor([[1., 2., 3., 4.], [0., 0., 1., -1.]], requires_grad=True)
y = norm(x)
print(y)
print(y.mean(dim=-1).abs().max() < 1e-6)
(y ** 3).sum().backward()
print(norm.weight.grad, norm.bias.grad)
print(norm)
