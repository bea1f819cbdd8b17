# Heat in a rod: an explicit scheme, and the gradient with respect to the start.
# record: u0.grad
import torch

u0 = torch.zeros(11, dtype=torch.float64)
u0[5] = 1.0
u0.requires_grad_()
u = u0
for step in range(30):
    middle = u[1:-1] + 0.25 * (u[2:] - 2 * u[1:-1] + u[:-2])
    u = torch.cat([u[:1], middle, u[-1:]])
print(u.detach())
print(f"{u.sum().item():.6f}")
u[3].backward()
print(u0.grad)
