# An expanded tensor is several times in the same memory.
import torch

x = torch.zeros(3, 1).expand(3, 4)
x.add_(1)
