# All derivatives of a polynomial, one after the other.
import torch

x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
y = x ** 5 - 3 * x ** 3 + x
order = 0
while True:
    print(f"derivative {order}: {y.item():.4f}")
    if not y.requires_grad:
        break
    (y,) = torch.autograd.grad(y, x, create_graph=True)
    order += 1
    if order > 6:
        break
