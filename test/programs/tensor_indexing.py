# Reading elements, rows and parts.
import torch

x = torch.arange(24).reshape(2, 3, 4)
print(x[0], x[1, 2], x[1, 2, 3])
print(x[:, 1], x[..., -1])
print(x[0, :, ::2])
print(x[:, [0, 2], 1])
print(x[x % 5 == 0])
print(x[None].shape, x[:, None, :, 0].shape, x[..., None].shape)
print(x[torch.tensor([1, 0])][:, 0, 0])
print(x[0, -2:, 1:3])
print(x[1][2][3].item(), x[-1, -1, -1])
