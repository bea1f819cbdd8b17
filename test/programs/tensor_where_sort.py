# where, topk, sort, unique and their relatives.
import torch

x = torch.tensor([3., 1., 4., 1., 5., 9., 2., 6.])
print(torch.where(x > 3, x, -x))
print(torch.topk(x, 3))
values, order = torch.sort(x, stable=True)
print(values, order)
print(torch.sort(x, descending=True).values, torch.argsort(x[:1]))
print(torch.unique(x), torch.unique(torch.tensor([2, 2, 1]), return_counts=True))
print(torch.nonzero(x > 3).squeeze(1), torch.where(x == 1))
print(torch.bincount(torch.tensor([0, 1, 1, 3])), torch.histc(x, bins=3, min=0, max=9))
print(torch.gather(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([[0, 0], [1, 0]])))
print(torch.take(x, torch.tensor([0, 5])), x.index_select(0, torch.tensor([2, 2])), torch.masked_select(x, x > 4))
print(torch.searchsorted(values, torch.tensor([2.5, 5.0])), torch.kthvalue(x, 3).values)
print(torch.clamp(x, 2, 5), x.clip(max=3))
