# Conv1d and ConvTranspose1d.
import torch
from torch import nn

torch.manual_seed(5)
down = nn.Conv1d(2, 3, kernel_size=3, stride=2, padding=1)
up = nn.ConvTranspose1d(3, 2, kernel_size=4, stride=2, padding=1)
x = torch.sin(torch.arange(16.)).reshape(1, 2, 8)
h = down(x)
y = up(h)
print(h.shape, y.shape)
print(h)
print(y)
(y - x).pow(2).mean().backward()
print(f"{down.weight.grad.abs().sum().item():.4f} {up.weight.grad.abs().sum().item():.4f}")
