# A name that is not there.
import torch

x = torch.ones(2)
print(x)
print(y)
