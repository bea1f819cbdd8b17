# An arc length by quadrature, with the slope by autograd.
import torch

x = torch.linspace(0, 1, 101, dtype=torch.float64, requires_grad=True)
y = x ** 2
(slope,) = torch.autograd.grad(y.sum(), x)
length = torch.trapezoid(torch.sqrt(1 + slope ** 2), x.detach())
print(f"{length.item():.5f}")
