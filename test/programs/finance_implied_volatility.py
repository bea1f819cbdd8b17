# The volatility that explains a price, by Newton's method.
import math

import torch


def call(S, K, T, r, sigma):
    cdf = lambda x: 0.5 * torch.erfc(-x / math.sqrt(2))
    d1 = (math.log(S / K) + (r + sigma ** 2 / 2) * T) / (sigma * math.sqrt(T))
    return S * cdf(d1) - K * math.exp(-r * T) * cdf(d1 - sigma * math.sqrt(T))


market = 7.5
sigma = torch.tensor(0.2, dtype=torch.float64, requires_grad=True)
for i in range(20):
    price = call(100.0, 105.0, 0.5, 0.02, sigma)
    (vega,) = torch.autograd.grad(price, sigma)
    change = (price.item() - market) / vega.item()
    print(f"{i} sigma={sigma.item():.8f} price={price.item():.6f}")
    if abs(change) < 1e-10:
        break
    with torch.no_grad():
        sigma -= change
print(f"implied volatility {sigma.item():.6f}")
