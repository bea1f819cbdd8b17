# ModuleList, ModuleDict, ParameterList.
import torch
from torch import nn


class Stack(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])
        self.heads = nn.ModuleDict({"mean": nn.Linear(sizes[-1], 1), "scale": nn.Linear(sizes[-1], 1)})
        self.gains = nn.ParameterList([nn.Parameter(torch.ones(1) * i) for i in range(2)])

    def forward(self, x, head):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.heads[head](x) * self.gains[1]


torch.manual_seed(11)
net = Stack([2, 3, 3])
print([name for name, _ in net.named_parameters()])
print(net(torch.ones(1, 2), "mean"), net(torch.ones(1, 2), "scale").shape)
print(len(net.layers), len(net.gains), list(net.heads.keys()))
print(sum(1 for _ in net.modules()))
