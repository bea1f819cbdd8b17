import torch

total = 0.0
for i in range(200):
    x = torch.tensor(0.1 * i, requires_grad=True)
    w = torch.tensor(1.0, requires_grad=True)
    y = x
    for j in range(10):
        y = torch.tanh(y * w + 0.5)
    y.backward()
    total += w.grad.item()
print(f"{total:.3f}")
