import torch

torch.manual_seed(2)
dt = 0.1
F = torch.tensor([[1., dt], [0., 1.]])
H = torch.tensor([[1., 0.]])
true_q, true_r = 0.05, 0.3
xs, zs = [], []
x = torch.tensor([0., 1.])
for _ in range(40):
    x = F @ x + true_q * torch.randn(2)
    xs.append(x)
    zs.append(H @ x + true_r * torch.randn(1))
zs = torch.stack(zs)
print(zs.shape, zs[:3].flatten())


def kalman_nll(log_q, log_r, zs):
    Q = torch.eye(2) * torch.exp(2 * log_q)
    R = torch.eye(1) * torch.exp(2 * log_r)
    m, P = torch.zeros(2), torch.eye(2)
    nll = 0.
    means = []
    for z in zs:
        m = F @ m
        P = F @ P @ F.T + Q
        S = H @ P @ H.mT + R
        K = P @ H.T @ torch.inverse(S)
        innov = z - H @ m
        nll = nll + 0.5 * (innov @ torch.linalg.solve(S, innov) + torch.logdet(2 * torch.pi * S))
        m = m + K @ innov
        P = (torch.eye(2) - K @ H) @ P
        means.append(m)
    return nll, torch.stack(means)


params = [torch.tensor(-1., requires_grad=True), torch.tensor(0., requires_grad=True)]
opt = torch.optim.Adam(params, lr=0.1)
for i in range(15):
    opt.zero_grad()
    nll, means = kalman_nll(*params, zs)
    nll.backward()
    opt.step()
    if (i + 1) % 5 == 0:
        print(f"step {i + 1:2d}: nll = {nll:.3f}, q = {params[0].exp():.3f}, r = {params[1].exp():.3f}")
rmse_raw = (zs[:, 0] - torch.stack(xs)[:, 0]).pow(2).mean().sqrt()
rmse_f = torch.sqrt(torch.mean((means[:, 0] - torch.stack(xs)[:, 0]) ** 2))
print(f'{rmse_raw:.3f} -> {rmse_f:.3f}', bool(rmse_f < rmse_raw))
