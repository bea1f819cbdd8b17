# view cannot join what does not lie together.
import torch

x = torch.arange(6).reshape(2, 3).t()
print(x.is_contiguous(), x.stride())
print(x.reshape(6))
print(x.view(6))
