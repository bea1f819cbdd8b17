# Draws in float64 and in other dtypes.
import torch

torch.manual_seed(3)
print(torch.rand(3, dtype=torch.float64))
print(torch.randn(3, dtype=torch.float64))
print(torch.randint(-5, 5, (2, 3), dtype=torch.int32))
torch.set_default_dtype(torch.float64)
print(torch.rand(2), torch.randn(16).sum())
