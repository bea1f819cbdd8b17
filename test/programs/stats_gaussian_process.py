# A Gaussian process; the length scale by its marginal likelihood.
import torch

x = torch.tensor([0.0, 0.5, 1.2, 2.0, 3.1], dtype=torch.float64)
y = torch.sin(x)
log_l = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)


def kernel(a, b, l):
    return torch.exp(-0.5 * ((a[:, None] - b[None, :]) / l) ** 2)


for step in range(21):
    l = log_l.exp()
    L = torch.linalg.cholesky(kernel(x, x, l) + 0.01 * torch.eye(5, dtype=torch.float64))
    alpha = torch.cholesky_solve(y[:, None], L)
    nll = 0.5 * (y @ alpha).sum() + L.diagonal().log().sum()
    (g,) = torch.autograd.grad(nll, log_l)
    with torch.no_grad():
        log_l -= 0.1 * g
    if step % 10 == 0:
        print(f"{step} {nll.item():.5f} {l.item():.5f}")
xs = torch.tensor([0.25, 1.6], dtype=torch.float64)
print((kernel(xs, x, l) @ alpha).detach().flatten(), torch.sin(xs))
