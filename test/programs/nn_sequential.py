# Layers one after the other.
import torch
from torch import nn

torch.manual_seed(1)
net = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1), nn.Sigmoid())
print(net)
x = torch.tensor([[0.5, -1.0], [1.0, 2.0]])
print(net(x))
print(len(net), net[0], net[-1])
for name, parameter in net.named_parameters():
    print(name, tuple(parameter.shape), parameter.numel())
print(sum(p.numel() for p in net.parameters()))
print(list(net.state_dict().keys()))
