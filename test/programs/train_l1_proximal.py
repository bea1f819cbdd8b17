# A sparse regression by proximal gradient steps.
# record: w
import torch

x = torch.tensor([[1., 0., 1.], [0., 1., 1.], [1., 1., 0.], [2., 0., 1.]])
y = torch.tensor([1., 0.1, 1., 2.])
w = torch.zeros(3, requires_grad=True)
for step in range(50):
    loss = ((x @ w - y) ** 2).sum() / 2
    (g,) = torch.autograd.grad(loss, w)
    with torch.no_grad():
        z = w - 0.1 * g
        w.copy_(torch.sign(z) * torch.clamp(z.abs() - 0.01, min=0))
print(w)
print((w == 0).tolist(), f"{loss.item():.5f}")
