# Numbers drawn under a seed.
import torch

torch.manual_seed(0)
print(torch.rand(3))
print(torch.randn(2, 2))
print(torch.randint(0, 10, (5,)))
print(torch.randperm(6))
torch.manual_seed(0)
print(torch.rand(3))
torch.manual_seed(10)
print(torch.rand(20, 1)[:5], torch.randn(20, 1)[:5])
