import torch
import math

torch.manual_seed(42)


def heston_price(s0, v0, kappa, theta, xi, rho, r=0.02, T=1.0, K=100., n_steps=25, n_paths=2000):
    dt = T / n_steps
    logS = torch.log(s0).expand(n_paths)
    v = v0.expand(n_paths)
    z = torch.randn(n_steps, 2, n_paths)
    for i in range(n_steps):
        z1 = z[i, 0]
        z2 = rho * z1 + torch.sqrt(1 - rho ** 2) * z[i, 1]
        vp = torch.clamp(v, min=0.0)
        logS = logS + (r - 0.5 * vp) * dt + torch.sqrt(vp * dt + 1e-12) * z1
        v = v + kappa * (theta - vp) * dt + xi * torch.sqrt(vp * dt + 1e-12) * z2
    payoff = torch.relu(logS.exp() - K)
    disc = math.exp(-r * T)
    return disc * payoff.mean(), disc * payoff.std() / n_paths ** 0.5


names = ['s0', 'v0', 'kappa', 'theta', 'xi', 'rho']
vals = [100., 0.04, 1.5, 0.04, 0.3, -0.7]
params = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in zip(names, vals)}
price, err = heston_price(**params)
print(f"price = {price.item():.3f} +- {err.item():.3f}")
grads = torch.autograd.grad(price, list(params.values()))
for n, g in zip(names, grads):
    print(f"d price / d {n:<6s} = {g.item():>9.4f}")
