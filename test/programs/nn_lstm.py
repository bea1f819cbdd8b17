# An LSTM over a sequence.
import torch
from torch import nn

torch.manual_seed(8)
lstm = nn.LSTM(2, 3, num_layers=2)
x = torch.linspace(-1, 1, 8).reshape(4, 1, 2)
out, (h, c) = lstm(x)
print(out.shape, h.shape, c.shape)
print(out[-1], h[1], c[1])
out.sum().backward()
for name, p in lstm.named_parameters():
    print(name, tuple(p.shape), f"{p.grad.abs().sum().item():.3f}")
cell = nn.LSTMCell(2, 3)
hx, cx = cell(torch.ones(1, 2))
print(hx, cx)
