# Softmax regression on three clouds of points.
import torch
import torch.nn.functional as F

torch.manual_seed(0)
centers = torch.tensor([[2., 0.], [-2., 1.], [0., -2.]])
labels = torch.arange(90) % 3
points = centers[labels] + 0.5 * torch.randn(90, 2)
W = torch.zeros(2, 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
for step in range(60):
    loss = F.cross_entropy(points @ W + b, labels)
    W.grad = b.grad = None
    loss.backward()
    with torch.no_grad():
        W -= 0.5 * W.grad
        b -= 0.5 * b.grad
    if step % 15 == 0:
        accuracy = ((points @ W + b).argmax(dim=1) == labels).float().mean()
        print(f"step {step}: loss {loss.item():.4f}, accuracy {accuracy.item():.2%}")
print(W.detach())
