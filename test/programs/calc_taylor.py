# Taylor coefficients by repeated differentiation.
import math

import torch

x = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
for name, f in (("exp", torch.exp), ("sin", torch.sin), ("log1p", torch.log1p), ("tanh", torch.tanh)):
    y = f(x)
    coefficients = []
    for n in range(6):
        coefficients.append(y.item() / math.factorial(n))
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    print(name, " ".join(f"{c + 0.0:.5f}" for c in coefficients))
