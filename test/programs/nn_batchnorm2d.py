# BatchNorm2d over images.
import torch
from torch import nn

bn = nn.BatchNorm2d(2, affine=True, momentum=0.5)
x = torch.arange(16.).reshape(2, 2, 2, 2)
x.requires_grad_()
y = bn(x)
print(y)
(y * torch.arange(16.).reshape(2, 2, 2, 2)).sum().backward()
print(bn.weight.grad, bn.bias.grad)
print(bn.running_mean, bn.running_var)
