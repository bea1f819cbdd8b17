# An index that is out of range.
import torch

x = torch.ones(3)
print(x[2])
print(x[5])
