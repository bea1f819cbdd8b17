# Hooks on modules.
import torch
from torch import nn

torch.manual_seed(15)
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
seen = []
handle = net[1].register_forward_hook(lambda module, inputs, output: seen.append((type(module).__name__, tuple(output.shape))))
net(torch.ones(2, 2))
net(torch.ones(5, 2))
handle.remove()
net(torch.ones(1, 2))
print(seen)
