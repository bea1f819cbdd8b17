# What is assigned must fit.
import torch

x = torch.zeros(3, 4)
x[1] = torch.tensor([1., 2., 3.])
