# Poisson regression by Newton's method.
import torch

x = torch.tensor([[1., 0.], [1., 1.], [1., 2.], [1., 3.], [1., 4.]], dtype=torch.float64)
counts = torch.tensor([2., 3., 6., 7., 15.], dtype=torch.float64)
beta = torch.zeros(2, dtype=torch.float64)
for i in range(20):
    beta = beta.detach().requires_grad_()
    rate = torch.exp(x @ beta)
    loss = (rate - counts * (x @ beta)).sum()
    (g,) = torch.autograd.grad(loss, beta, create_graph=True)
    H = torch.stack([torch.autograd.grad(g[k], beta, retain_graph=True)[0] for k in range(2)])
    if g.norm() < 1e-10:
        break
    beta = beta - torch.linalg.solve(H, g)
print(beta.detach())
errors = torch.linalg.inv(H.detach()).diagonal().sqrt()
print(errors)
print(g.norm().item() < 1e-8)
