# A Hessian by rows, and its product with a vector.
import torch


def rosenbrock(p):
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


p = torch.tensor([-1.0, 2.0], dtype=torch.float64, requires_grad=True)
(g,) = torch.autograd.grad(rosenbrock(p), p, create_graph=True)
H = torch.stack([torch.autograd.grad(g[i], p, retain_graph=True)[0] for i in range(2)])
print(g)
print(H)
v = torch.tensor([1.0, -2.0], dtype=torch.float64)
(hv,) = torch.autograd.grad(g @ v, p)
print(hv, H @ v)
print(torch.linalg.eigvalsh(H))
