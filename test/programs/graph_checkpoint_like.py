# A loop that keeps only every second state and computes the others again.
import torch


def step(x, w):
    return torch.tanh(x * w) + 0.1 * x


w = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
x = torch.tensor(0.5, dtype=torch.float64)
state = x
for _ in range(10):
    state = step(state, w)
(direct,) = torch.autograd.grad(state, w)

with torch.no_grad():
    kept = [x]
    s = x
    for i in range(10):
        s = step(s, w)
        if i % 2 == 1:
            kept.append(s)
total = torch.zeros((), dtype=torch.float64)
adjoint = torch.ones((), dtype=torch.float64)
for start in reversed(kept[:-1]):
    s0 = start.clone().requires_grad_()
    s = step(step(s0, w), w)
    gs, gw = torch.autograd.grad(s, [s0, w], adjoint)
    adjoint = gs
    total = total + gw
print(f"{direct.item():.8f} {total.item():.8f}")
print(torch.allclose(direct, total))
