# Operands that do not go together.
import torch

print("loss: " + torch.tensor(1.0))
