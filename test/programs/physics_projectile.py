# The angle that throws farthest, found by gradient ascent.
import math

import torch

angle = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
speed, g = 10.0, 9.81
for step in range(40):
    distance = speed ** 2 * torch.sin(2 * angle) / g
    distance.backward()
    with torch.no_grad():
        angle += 0.01 * angle.grad
    angle.grad = None
    if step % 10 == 0:
        print(f"{step}: {math.degrees(angle.item()):.3f} degrees, {distance.item():.4f} m")
print(f"{math.degrees(angle.item()):.2f}")
