# GroupNorm and InstanceNorm.
import torch
from torch import nn

x = torch.arange(16.).reshape(1, 4, 2, 2)
print(nn.GroupNorm(2, 4)(x))
print(nn.InstanceNorm2d(4)(x)[0, 0])
print(nn.GroupNorm(4, 4))
