# A network in float64.
import torch
from torch import nn

torch.manual_seed(16)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
x = torch.tensor([[0.1, 0.2]], dtype=torch.float64, requires_grad=True)
y = net(x)
print(y.dtype, y.shape)
y.sum().backward()
print(x.grad.dtype, net[0].weight.dtype)
print(torch.autograd.gradcheck(net, (x,)))
