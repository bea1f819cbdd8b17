# The partition function of a chain, and marginals as its gradient.
# record: unary.grad
import torch

unary = torch.tensor([[0.5, -0.2], [0.1, 0.4], [-0.3, 0.6]], dtype=torch.float64, requires_grad=True)
pair = torch.tensor([[0.8, -0.5], [-0.5, 0.7]], dtype=torch.float64)
alpha = unary[0]
for t in range(1, 3):
    alpha = torch.logsumexp(alpha[:, None] + pair, dim=0) + unary[t]
log_z = torch.logsumexp(alpha, dim=0)
log_z.backward()
print(log_z)
print(unary.grad, unary.grad.sum(1))
