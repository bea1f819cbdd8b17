# Mini-batches by randperm under a seed.
import torch

torch.manual_seed(21)
x = torch.randn(32, 3)
true_w = torch.tensor([1.0, -2.0, 0.5])
y = x @ true_w + 0.1 * torch.randn(32)
w = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for epoch in range(5):
    order = torch.randperm(32)
    losses = []
    for start in range(0, 32, 8):
        batch = order[start:start + 8]
        loss = ((x[batch] @ w - y[batch]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(epoch, " ".join(f"{l:.3f}" for l in losses))
print(w.detach())
