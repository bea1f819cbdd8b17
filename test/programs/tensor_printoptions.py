# torch.set_printoptions.
import torch

x = torch.tensor([3.14159265, 2.71828182, 1e-3])
torch.set_printoptions(precision=2)
print(x)
torch.set_printoptions(precision=8)
print(x)
torch.set_printoptions(sci_mode=True, precision=3)
print(x)
torch.set_printoptions(profile="default", sci_mode=False)
print(torch.tensor([1e-6, 1e3]))
torch.set_printoptions(threshold=5, edgeitems=1)
print(torch.arange(10))
torch.set_printoptions(profile="default")
torch.set_printoptions(linewidth=30)
print(torch.arange(20))
