import torch

torch.manual_seed(0)
x = torch.randn(100, 3)
target = x @ torch.tensor([[1.5], [-2.0], [0.5]]) + 0.1 * torch.randn(100, 1)
w = torch.zeros(3, 1, requires_grad=True)
for step in range(1000):
    loss = ((x @ w - target) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad.zero_()
print(w.detach().flatten(), loss.item() < 0.05)
