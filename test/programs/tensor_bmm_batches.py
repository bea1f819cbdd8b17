# Batches of small problems.
import torch

a = torch.arange(12.).reshape(3, 2, 2) + torch.eye(2)
print(torch.linalg.det(a))
print(torch.allclose(torch.linalg.inv(a) @ a, torch.eye(2).expand(3, 2, 2), atol=1e-5))
v = torch.tensor([1., -1.])
print((a @ v).shape, a @ v)
print(a.diagonal(dim1=1, dim2=2).sum(-1), a.sum((1, 2)))
print(torch.einsum("bij,bjk->bik", a, a)[2], torch.einsum("bii->b", a))
