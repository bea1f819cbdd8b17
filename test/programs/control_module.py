# record: net.small.weight.grad, net.large.weight.grad, net.large.bias.grad
"""Modules in branches: the gradient goes to the parameters of the one that was taken."""
import torch
from torch import nn


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.small = nn.Linear(2, 2, bias=False)
        self.large = nn.Linear(2, 2)

    def forward(self, x):
        return torch.cond(x.abs().sum() > 5, self.large, self.small, (x,))


net = Gated()
with torch.no_grad():
    for k, p in enumerate(net.parameters()):
        p.copy_(torch.arange(p.numel()).view_as(p) * 0.1 + k)

optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for data in (torch.tensor([[1.0, 2.0]]), torch.tensor([[4.0, -3.0]]), torch.tensor([[0.5, 0.5]])):
    optimizer.zero_grad()
    out = net(data)
    loss = (out ** 2).mean()
    loss.backward()
    print(out, round(loss.item(), 4))
    optimizer.step()
print(net.small.weight)
print(net.large.bias)
