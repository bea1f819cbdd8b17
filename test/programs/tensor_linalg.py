# Linear algebra.
import torch

a = torch.tensor([[4., 1.], [2., 3.]], dtype=torch.float64)
b = torch.tensor([1., 2.], dtype=torch.float64)
print(torch.linalg.det(a), torch.det(a), torch.trace(a))
print(torch.linalg.inv(a), torch.linalg.solve(a, b))
print(a @ torch.linalg.solve(a, b))
s = a @ a.T
print(torch.linalg.cholesky(s), torch.linalg.eigvalsh(s))
print(torch.linalg.norm(a), torch.linalg.matrix_rank(a), torch.linalg.svdvals(a))
q, r = torch.linalg.qr(a)
print(torch.allclose(q @ r, a), torch.allclose(q.T @ q, torch.eye(2, dtype=torch.float64)))
print(torch.linalg.matrix_power(a, 3), torch.linalg.slogdet(a))
print(torch.linalg.lstsq(torch.tensor([[1., 0.], [1., 1.], [1., 2.]]), torch.tensor([[1.], [3.], [5.]])).solution)
