# A pendulum by the Runge-Kutta method; a fit of its length.
import torch


def simulate(length, steps=50, dt=0.05):
    state = torch.tensor([0.5, 0.0], dtype=torch.float64)

    def f(s):
        return torch.stack([s[1], -9.81 / length * torch.sin(s[0])])

    path = []
    for _ in range(steps):
        k1 = f(state)
        k2 = f(state + dt / 2 * k1)
        k3 = f(state + dt / 2 * k2)
        k4 = f(state + dt * k3)
        state = state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        path.append(state[0])
    return torch.stack(path)


target = simulate(torch.tensor(1.3, dtype=torch.float64))
length = torch.tensor(1.1, dtype=torch.float64, requires_grad=True)
for i in range(12):
    loss = ((simulate(length) - target) ** 2).mean()
    (g,) = torch.autograd.grad(loss, length)
    with torch.no_grad():
        length -= 0.8 * g
    if i % 4 == 0:
        print(f"{i} loss {loss.item():.6f} length {length.item():.5f}")
print(f"{length.item():.3f}")
