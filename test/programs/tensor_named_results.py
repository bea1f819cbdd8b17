# Results with several parts have names.
import torch

x = torch.tensor([[3., 1.], [2., 4.]])
result = torch.max(x, dim=0)
print(result)
print(result.values, result.indices, result[0])
print(type(result))
print(torch.sort(x))
print(torch.min(x, 1).values)
u, s, vh = torch.linalg.svd(x)
print(torch.allclose(u @ torch.diag(s) @ vh, x, atol=1e-5))
print(torch.std_mean(x), torch.aminmax(x))
