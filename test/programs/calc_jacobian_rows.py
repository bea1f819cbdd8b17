# A Jacobian row by row and column by column.
import torch

x = torch.tensor([1., 2., 3.], dtype=torch.float64, requires_grad=True)
y = torch.stack([x[0] * x[1], x[1] * x[2] ** 2, torch.sin(x[0]) + x.sum()])
rows = []
for i in range(3):
    seed = torch.zeros(3, dtype=torch.float64)
    seed[i] = 1
    rows.append(torch.autograd.grad(y, x, seed, retain_graph=True)[0])
J = torch.stack(rows)
print(J)
print(J.shape, torch.linalg.det(J))
v = torch.zeros(3, dtype=torch.float64, requires_grad=True)
(vjp,) = torch.autograd.grad(y, x, v, create_graph=True)
(jvp,) = torch.autograd.grad(vjp, v, torch.tensor([1., 0., 0.], dtype=torch.float64))
print(jvp, torch.allclose(jvp, J[:, 0]))
