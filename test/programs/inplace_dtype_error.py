# An int tensor cannot take the result of a true division in place.
import torch

x = torch.tensor([1, 2, 3])
x.mul_(2)
print(x)
x.div_(2)
