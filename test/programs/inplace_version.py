# Every change in place counts.
import torch

x = torch.zeros(3)
print(x._version)
x.add_(1)
x[0] = 2
print(x._version)
y = x.view(3)
y.mul_(2)
print(x._version, y._version)
print(x.detach()._version)
