# A linear layer: its parameters, its output, its gradients.
# record: layer.weight.grad, layer.bias.grad
import torch
from torch import nn

torch.manual_seed(0)
layer = nn.Linear(3, 2)
print(layer)
print(layer.weight)
print(layer.bias)
x = torch.tensor([[1., 2., 3.], [-1., 0., 1.]])
y = layer(x)
print(y)
y.pow(2).sum().backward()
print(layer.weight.grad)
print(layer.bias.grad)
print(layer.in_features, layer.out_features, nn.Linear(2, 2, bias=False).bias)
