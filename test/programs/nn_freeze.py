# Freezing a part of a network.
import torch
from torch import nn

torch.manual_seed(14)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
for p in net[0].parameters():
    p.requires_grad = False
before = [p.clone() for p in net.parameters()]
optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
net(torch.ones(4, 2)).sum().backward()
optimizer.step()
for (name, p), old in zip(net.named_parameters(), before):
    print(name, p.grad is None, torch.equal(p, old))
