# Products of matrices and vectors.
import torch

a = torch.arange(6.).reshape(2, 3)
b = torch.arange(12.).reshape(3, 4)
v = torch.tensor([1., 2., 3.])
print(a @ b)
print(torch.mm(a, b).shape, a.matmul(v), v @ v, torch.dot(v, v), torch.mv(a, v))
print(torch.outer(v, v), torch.bmm(torch.ones(2, 2, 3), torch.ones(2, 3, 1)).squeeze())
print(torch.einsum("ij,jk->ik", a, b), torch.einsum("ij->j", a), torch.einsum("i,i->", v, v), torch.einsum("ij,ij->i", a, a))
print((torch.ones(5, 1, 2, 3) @ torch.ones(4, 3, 2)).shape)
print(torch.cross(v, torch.tensor([0., 0., 1.]), dim=0), torch.tensordot(a, b, dims=1).shape)
print(torch.addmm(torch.ones(2, 4), a, b, beta=2, alpha=0.5), torch.kron(torch.eye(2), torch.ones(1, 2)))
