# Forces as the gradient of a potential.
import torch

positions = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.5]], dtype=torch.float64)
velocities = torch.tensor([[0.0, 0.3], [0.0, -0.3], [0.2, 0.0]], dtype=torch.float64)


def potential(p):
    energy = 0
    for i in range(len(p)):
        for j in range(i + 1, len(p)):
            energy = energy - 1 / torch.sqrt(((p[i] - p[j]) ** 2).sum() + 0.01)
    return energy


def forces(p):
    p = p.detach().requires_grad_()
    return -torch.autograd.grad(potential(p), p)[0]


dt = 0.02
start = potential(positions) + 0.5 * (velocities ** 2).sum()
for step in range(50):
    velocities = velocities + dt / 2 * forces(positions)
    positions = positions + dt * velocities
    velocities = velocities + dt / 2 * forces(positions)
print(positions)
print((velocities.sum(0) - torch.tensor([0.2, 0.0], dtype=torch.float64)).abs().max().item() < 1e-9)
end = potential(positions) + 0.5 * (velocities ** 2).sum()
print(f"{abs(end - start).item() < 1e-2}")
