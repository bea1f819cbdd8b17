# A spring: the gradient of the final position through all steps.
# record: k.grad
import torch

k = torch.tensor(4.0, dtype=torch.float64, requires_grad=True)
x = torch.tensor(1.0, dtype=torch.float64)
v = torch.tensor(0.0, dtype=torch.float64)
dt = 0.05
for step in range(40):
    v = v - dt * k * x
    x = x + dt * v
    if step % 10 == 0:
        energy = 0.5 * v ** 2 + 0.5 * k * x ** 2
        print(f"t={step * dt:.2f} x={x.item():.5f} v={v.item():.5f} E={energy.item():.5f}")
x.backward()
print(k.grad)
