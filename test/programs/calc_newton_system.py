# Newton's method for two equations, with the Jacobian by rows.
import torch


def system(v):
    x, y = v
    return torch.stack([x ** 2 + y ** 2 - 4, x * y - 1])


v = torch.tensor([2.0, 0.3], dtype=torch.float64)
for i in range(8):
    v = v.detach().requires_grad_()
    r = system(v)
    J = torch.stack([torch.autograd.grad(r[k], v, retain_graph=True)[0] for k in range(2)])
    step = torch.linalg.solve(J, r)
    v = v - step
    if step.norm() < 1e-10:
        break
print(i, v.detach())
print(system(v).abs().max().item() < 1e-10)
