# L-BFGS without a line search on a quadratic.
import torch

A = torch.tensor([[3., 1.], [1., 2.]])
b = torch.tensor([1., -1.])
x = torch.zeros(2, requires_grad=True)
optimizer = torch.optim.LBFGS([x], lr=0.8, max_iter=10, history_size=5)


def closure():
    optimizer.zero_grad()
    loss = 0.5 * x @ A @ x - b @ x
    loss.backward()
    return loss


for _ in range(3):
    optimizer.step(closure)
print(x.detach(), torch.linalg.solve(A, b))
