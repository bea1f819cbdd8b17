# The Laplacian of a function of two variables.
import torch


def laplacian(f, p):
    p = p.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(p), p, create_graph=True)
    total = 0
    for i in range(len(p)):
        (row,) = torch.autograd.grad(g[i], p, retain_graph=True)
        total = total + row[i]
    return total


def harmonic(p):
    return torch.exp(p[0]) * torch.cos(p[1])


def radial(p):
    return (p ** 2).sum() ** 2


for point in ([0.5, 1.0], [1.0, -2.0]):
    p = torch.tensor(point, dtype=torch.float64)
    print(f"{laplacian(harmonic, p).item():.6f} {laplacian(radial, p).item():.4f}".replace("-0.000000", "0.000000"))
