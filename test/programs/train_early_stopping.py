# Early stopping with the best state kept.
import copy

import torch
from torch import nn

torch.manual_seed(19)
x = torch.linspace(-2, 2, 24).unsqueeze(1)
y = torch.sin(2 * x) + 0.3 * torch.randn(24, 1)
train_x, train_y, valid_x, valid_y = x[::2], y[::2], x[1::2], y[1::2]
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
best, best_state, wait = float("inf"), None, 0
for epoch in range(200):
    net.train()
    optimizer.zero_grad()
    nn.functional.mse_loss(net(train_x), train_y).backward()
    optimizer.step()
    net.eval()
    with torch.no_grad():
        valid = nn.functional.mse_loss(net(valid_x), valid_y).item()
    if valid < best - 1e-3:
        best, best_state, wait = valid, copy.deepcopy(net.state_dict()), 0
    else:
        wait += 1
        if wait >= 5:
            break
print(epoch < 199, f"{best:.2f}")
net.load_state_dict(best_state)
with torch.no_grad():
    print(abs(nn.functional.mse_loss(net(valid_x), valid_y).item() - best) < 1e-6)
