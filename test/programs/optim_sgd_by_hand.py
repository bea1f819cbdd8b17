# Momentum by hand beside torch.optim.SGD.
import torch

w = torch.tensor([2.0, -1.0], requires_grad=True)
v = w.detach().clone().requires_grad_()
optimizer = torch.optim.SGD([w], lr=0.05, momentum=0.8)
buffer = torch.zeros(2)
for step in range(6):
    optimizer.zero_grad()
    ((w - 3) ** 2).sum().backward()
    optimizer.step()
    (g,) = torch.autograd.grad(((v - 3) ** 2).sum(), v)
    buffer = 0.8 * buffer + g
    with torch.no_grad():
        v -= 0.05 * buffer
    print(step, w.data, torch.allclose(w, v))
