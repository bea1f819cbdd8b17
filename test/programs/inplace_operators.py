# Augmented assignment on tensors.
import torch

x = torch.arange(1., 5.)
y = x
x += 1
x *= torch.tensor([1., 0., 2., 3.])
x -= 0.5
x /= 2
x **= 2
print(x)
print(y is x)
i = torch.tensor([7, 8, 9])
i //= 2
i %= 3
print(i)
b = torch.tensor([True, False])
b |= torch.tensor([False, True])
b &= torch.tensor([True, False])
print(b)
