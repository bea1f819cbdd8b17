# Pooling layers.
import torch
from torch import nn

x = torch.tensor([[[[1., 3., 2., 4.], [5., 6., 8., 7.], [0., -1., -2., -3.], [9., 1., 1., 0.]]]], requires_grad=True)
print(nn.MaxPool2d(2)(x), nn.AvgPool2d(2)(x))
print(nn.MaxPool2d(3, stride=1, padding=1)(x))
print(nn.AdaptiveAvgPool2d(1)(x), nn.AdaptiveAvgPool2d((2, 1))(x))
nn.MaxPool2d(2)(x).sum().backward()
print(x.grad)
values, indices = nn.MaxPool2d(2, return_indices=True)(x)
print(indices)
