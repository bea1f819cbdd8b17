import torch
from math import pi

torch.manual_seed(0)
X = torch.linspace(0, 1, 15).double()
y = torch.sin(X * (2 * pi)) + torch.randn(X.size()).double() * 0.2

log_ls = torch.nn.Parameter(torch.tensor(-1.0, dtype=torch.double))
log_sf = torch.nn.Parameter(torch.tensor(0.0, dtype=torch.double))
log_noise = torch.nn.Parameter(torch.tensor(-2.0, dtype=torch.double))


def rbf(a, b):
    d2 = (a[:, None] - b[None, :]).pow(2)
    return torch.exp(2 * log_sf) * torch.exp(-0.5 * d2 / torch.exp(2 * log_ls))


def neg_mll():
    n = len(X)
    K = rbf(X, X) + torch.exp(2 * log_noise) * torch.eye(n, dtype=X.dtype)
    L = torch.linalg.cholesky(K)
    alpha = torch.cholesky_solve(y.unsqueeze(-1), L).squeeze(-1)
    return 0.5 * y.dot(alpha) + torch.log(torch.diagonal(L)).sum() + 0.5 * n * torch.log(torch.tensor(2 * pi))


optimizer = torch.optim.Adam([log_ls, log_sf, log_noise], lr=0.1)
for i in range(40):
    optimizer.zero_grad()
    loss = neg_mll()
    loss.backward()
    if i % 10 == 0:
        print('Iter %d/%d - Loss: %.3f   lengthscale: %.3f   noise: %.3f' % (
            i + 1, 40, loss.item(), log_ls.exp().item(), log_noise.exp().item()))
    optimizer.step()

with torch.no_grad():
    xs = torch.tensor([0.1, 0.25, 0.75, 1.5], dtype=torch.double)
    K = rbf(X, X) + (2 * log_noise).exp() * torch.eye(len(X)).double()
    Ks = rbf(X, xs)
    L = torch.linalg.cholesky(K)
    v = torch.linalg.solve_triangular(L, Ks, upper=False)
    mean = Ks.T @ torch.cholesky_solve(y[:, None], L)
    cov = rbf(xs, xs) - v.T @ v
    std = cov.diagonal().clamp_min(0).sqrt()
    for x_, m_, s_ in zip(xs, mean.squeeze(), std):
        print(f"x={x_:.2f}  mean={m_:+.4f}  std={s_:.4f}")
    sign, logabsdet = torch.linalg.slogdet(K)
    print(sign, torch.allclose(logabsdet, 2 * L.diag().log().sum()))
