import math
import torch
from torch import nn


class AffineCoupling(nn.Module):
    def __init__(self, dim, hidden, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(dim // 2, hidden), nn.ReLU(), nn.Linear(hidden, dim))

    def forward(self, x):
        x1, x2 = x.chunk(2, dim=-1)
        if self.flip:
            x1, x2 = x2, x1
        s, t = self.net(x1).chunk(2, dim=-1)
        s = torch.tanh(s)
        y2 = x2 * s.exp() + t
        out = torch.cat([y2, x1] if self.flip else [x1, y2], dim=-1)
        return out, s.sum(-1)

    def inverse(self, y):
        y1, y2 = y.chunk(2, dim=-1)
        if self.flip:
            y1, y2 = y2, y1
        s, t = self.net(y1).chunk(2, dim=-1)
        s = torch.tanh(s)
        x2 = (y2 - t) * (-s).exp()
        return torch.cat([x2, y1] if self.flip else [y1, x2], dim=-1)


class Flow(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.layers = nn.ModuleList(AffineCoupling(2, 16, bool(i % 2)) for i in range(n))

    def log_prob(self, x):
        logdet = x.new_zeros(x.shape[0])
        for layer in self.layers:
            x, ld = layer(x)
            logdet += ld
        base = -0.5 * (x ** 2).sum(-1) - x.size(-1) / 2 * math.log(2 * math.pi)
        return base + logdet

    @torch.no_grad()
    def sample(self, n):
        z = torch.randn(n, 2)
        for layer in reversed(self.layers):
            z = layer.inverse(z)
        return z


torch.manual_seed(0)
flow = Flow()
z = torch.randn(128, 2)
data = torch.stack([z[:, 0], 0.5 * z[:, 0] ** 2 + 0.2 * z[:, 1]], dim=1)
opt = torch.optim.Adam(flow.parameters(), 1e-2)
for i in range(31):
    loss = -flow.log_prob(data).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if i % 10 == 0:
        print(f"{i:>4} nll {loss.item():.4f}")
x = data[:5]
y = x
for l in flow.layers:
    y, _ = l(y)
for l in reversed(flow.layers):
    y = l.inverse(y)
print((x - y).abs().max() < 1e-5)
print(flow.sample(3).shape, flow.sample(3).requires_grad)
