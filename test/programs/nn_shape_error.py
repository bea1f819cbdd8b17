# An input of the wrong size.
import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
net(torch.ones(2, 5))
