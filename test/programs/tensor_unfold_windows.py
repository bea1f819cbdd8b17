# Moving averages and windows.
import torch

x = torch.arange(8.)
w = x.unfold(0, 3, 2)
print(w, w.mean(1))
print(torch.nn.functional.avg_pool1d(x[None, None], 3, stride=1))
print(torch.nn.functional.max_pool1d(x[None, None], 2))
print(torch.nn.functional.pad(x[:3], (1, 2)), torch.nn.functional.pad(torch.ones(1, 2), (0, 1, 1, 0), value=5.0))
print(torch.diff(x ** 2), torch.trapezoid(x ** 2, x), torch.cumulative_trapezoid(x))
print(torch.cummax(torch.tensor([1, 3, 2, 5]), 0))
