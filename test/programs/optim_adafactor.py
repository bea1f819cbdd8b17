# Adafactor.
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
optimizer = torch.optim.Adafactor(model.parameters(), lr=0.05, weight_decay=0.01)
print(optimizer)
x, y = torch.randn(8, 3), torch.randn(8, 1)
for step in range(5):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    print(step, f'{loss.item():.4f}')
state = optimizer.state[model[0].weight]
print({name: tuple(value.shape) for name, value in state.items()}, model[2].weight)
torch.optim.Adafactor(model.parameters(), lr=-1)
