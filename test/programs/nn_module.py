# A module of one's own.
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.fc2 = nn.Linear(hidden, 2)
        self.scale = nn.Parameter(torch.tensor(2.0))
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x):
        self.calls += 1
        return self.fc2(F.relu(self.fc1(x))) * self.scale


torch.manual_seed(2)
net = Net(3)
print(net)
out = net(torch.ones(1, 2))
print(out.shape, net.calls)
for name, p in net.named_parameters():
    print(name, p.shape, p.requires_grad)
print(list(net.state_dict()))
print([name for name, _ in net.named_children()], [name for name, _ in net.named_buffers()])
out.sum().backward()
print(net.scale.grad.shape, net.fc1.weight.grad.shape)
net.zero_grad()
print(net.scale.grad)
