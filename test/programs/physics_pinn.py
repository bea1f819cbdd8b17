# A network that satisfies y' = -y, y(0) = 1.
import torch
from torch import nn

torch.manual_seed(30)
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1)).double()
t = torch.linspace(0, 1, 11, dtype=torch.float64).unsqueeze(1).requires_grad_()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for step in range(201):
    y = 1 + t * net(t)
    (dy,) = torch.autograd.grad(y, t, torch.ones_like(y), create_graph=True)
    loss = ((dy + y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"{step:3d} {loss.item():.3e}" if step == 0 else f"{step:3d} {loss.item() < 1}")
print(f"{(1 + net(torch.ones(1, 1, dtype=torch.float64))).item():.2f}")
