# Gradients of parts of a batch add up to those of the whole.
import torch
from torch import nn

torch.manual_seed(22)
net = nn.Linear(3, 1)
x, y = torch.randn(12, 3), torch.randn(12, 1)
nn.functional.mse_loss(net(x), y).backward()
whole = [p.grad.clone() for p in net.parameters()]
net.zero_grad()
for part in range(3):
    rows = slice(4 * part, 4 * part + 4)
    loss = nn.functional.mse_loss(net(x[rows]), y[rows]) / 3
    loss.backward()
    print(part, net.weight.grad)
print(all(torch.allclose(p.grad, w, atol=1e-6) for p, w in zip(net.parameters(), whole)))
