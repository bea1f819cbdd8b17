# Comparisons and logic.
import torch

a = torch.tensor([1., 2., 3.])
b = torch.tensor([3., 2., 1.])
print(a == b, a != b, a < b, a >= b)
print(torch.eq(a, b), torch.equal(a, a.clone()), torch.allclose(a, a + 1e-9))
print(torch.maximum(a, b), torch.minimum(a, torch.tensor(2.)))
m = a > 1
print(m & (b > 1), m | (b > 2), ~m, m ^ (b > 1))
print(torch.isnan(torch.tensor([1., float("nan")])), torch.isinf(torch.tensor([float("inf"), 0.])))
print(torch.logical_and(m, b > 1), torch.isclose(a, b))
print(bool(a[0] == 1), bool(a.sum() > 5), (a == b).tolist())
