# Joining and taking apart.
import torch

a = torch.tensor([[1, 2], [3, 4]])
b = torch.tensor([[5, 6]])
print(torch.cat([a, b]), torch.cat((a, a), dim=1))
print(torch.stack([a, a]).shape, torch.stack([a, a], dim=-1))
print(torch.split(torch.arange(10), 3))
print(torch.split(torch.arange(10), [2, 3, 5])[2], torch.chunk(torch.arange(7), 3))
first, second = a.unbind(0)
print(first, second)
print(torch.hstack([a, a]), torch.vstack([a, b]))
for row in a:
    print(row, row.sum())
print(len(a), list(torch.arange(3)))
