# What layers start from under a seed.
import torch
from torch import nn

torch.manual_seed(1)
print(nn.Linear(2, 2).weight)
print(nn.Conv2d(1, 1, 2).weight, nn.Conv2d(1, 1, 2).bias)
print(nn.Embedding(2, 2).weight)
print(nn.LSTM(1, 1).weight_ih_l0)
print(nn.BatchNorm1d(2).weight, nn.LayerNorm(2).bias)
print(nn.GRUCell(1, 1).bias_hh)
print(torch.rand(1))
