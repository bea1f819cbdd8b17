# A text that is not Python.
import torch

x = torch.ones(2
print(x)
