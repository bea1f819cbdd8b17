# Gradients through a step of gradient descent.
# record: theta.grad
import torch

theta = torch.tensor([0.5, -0.5], dtype=torch.float64, requires_grad=True)
tasks = [(torch.tensor([1.0, 2.0], dtype=torch.float64), 3.0), (torch.tensor([-1.0, 1.0], dtype=torch.float64), 0.5)]


def loss_of(w, task):
    x, y = task
    return (torch.tanh(w @ x) * 2 - y) ** 2


outer = torch.zeros((), dtype=torch.float64)
for task in tasks:
    inner = loss_of(theta, task)
    (g,) = torch.autograd.grad(inner, theta, create_graph=True)
    adapted = theta - 0.1 * g
    after = loss_of(adapted, task)
    print(f"{inner.item():.4f} -> {after.item():.4f}")
    outer = outer + after
outer.backward()
print(theta.grad)
