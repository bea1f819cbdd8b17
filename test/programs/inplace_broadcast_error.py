# The result of an operation in place cannot be larger than its operand.
import torch

x = torch.zeros(3)
x.add_(torch.ones(2, 3))
