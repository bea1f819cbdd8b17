# A maximum under a constraint by Newton's method on the Lagrangian.
import torch


def lagrangian(v):
    x, y, l = v
    return x * y - l * (x ** 2 + y ** 2 - 8)


v = torch.tensor([1.5, 2.5, 0.4], dtype=torch.float64)
for i in range(10):
    v = v.detach().requires_grad_()
    (g,) = torch.autograd.grad(lagrangian(v), v, create_graph=True)
    H = torch.stack([torch.autograd.grad(g[k], v, retain_graph=True)[0] for k in range(3)])
    v = v - torch.linalg.solve(H, g)
    if g.norm() < 1e-9:
        break
print([round(value, 6) for value in v.tolist()])
