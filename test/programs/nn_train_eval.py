# train and eval, and what they change.
import torch
from torch import nn

net = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5), nn.BatchNorm1d(2))
print(net.training, net[1].training)
net.eval()
print(net.training, net[1].training)
x = torch.tensor([[1., 2., 3., 4.]])
drop = nn.Dropout(0.5)
drop.eval()
print(drop(x))
torch.manual_seed(3)
drop.train()
print(drop(x))
print(drop(torch.ones(8)))
