# An input of the wrong dtype.
import torch
from torch import nn

layer = nn.Linear(2, 2)
layer(torch.ones(1, 2, dtype=torch.float64))
