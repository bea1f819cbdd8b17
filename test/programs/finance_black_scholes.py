# The price of a call and its greeks.
import math

import torch


def cdf(x):
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def call(S, K, T, r, sigma):
    d1 = (torch.log(S / K) + (r + sigma ** 2 / 2) * T) / (sigma * torch.sqrt(T))
    d2 = d1 - sigma * torch.sqrt(T)
    return S * cdf(d1) - K * torch.exp(-r * T) * cdf(d2)


S, K, T, r, sigma = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (100.0, 105.0, 0.5, 0.02, 0.25))
price = call(S, K, T, r, sigma)
names = ["delta", "dual delta", "theta", "rho", "vega"]
greeks = torch.autograd.grad(price, (S, K, T, r, sigma), create_graph=True)
print(f"price {price.item():.6f}")
for name, greek in zip(names, greeks):
    print(f"{name:10s} {greek.item():+.6f}")
(gamma,) = torch.autograd.grad(greeks[0], S, retain_graph=True)
(vanna,) = torch.autograd.grad(greeks[0], sigma)
print(f"gamma {gamma.item():.6f} vanna {vanna.item():.6f}")
