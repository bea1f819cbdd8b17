# Reshaping and rearranging.
import torch

x = torch.arange(12)
print(x.reshape(3, 4), x.view(2, -1))
y = x.view(3, 4)
print(y.t(), y.T.shape, y.transpose(0, 1).shape)
z = torch.arange(24).reshape(2, 3, 4)
print(z.permute(2, 0, 1).shape, z.flatten().shape, z.flatten(1).shape, z.mT.shape)
print(x.unsqueeze(0).shape, x.unsqueeze(-1).shape, torch.zeros(1, 3, 1).squeeze().shape, torch.zeros(1, 3, 1).squeeze(0).shape)
print(torch.tensor([1, 2]).expand(3, 2), torch.tensor([1, 2]).repeat(2, 2))
print(y.stride(), y.t().stride(), y.is_contiguous(), y.t().contiguous().stride())
print(torch.movedim(z, 0, -1).shape, z.unflatten(2, (2, 2)).shape)
print(y.flip(0), torch.roll(x, 2), torch.rot90(y)[0])
