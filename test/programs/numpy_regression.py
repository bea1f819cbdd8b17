# record: w, b, w.grad
import numpy as np
import torch
import torch.nn as nn

np.random.seed(0)
torch.manual_seed(0)
X = np.random.rand(50, 1).astype(np.float32)
Y = (3 * X + 2 + 0.1 * np.random.randn(50, 1)).astype(np.float32)
x, y = torch.from_numpy(X), torch.from_numpy(Y)
w = torch.zeros(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
losses = []
for epoch in range(100):
    loss = ((x @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (w, b):
            p -= 0.3 * p.grad
            p.grad.zero_()
    losses.append(loss.item())
print(f'{np.mean(losses[-10:]):.5f} {np.min(losses):.5f}', np.argmin(losses))
print(np.round(w.detach().numpy(), 4), np.round(b.detach().numpy(), 4))
A = np.hstack([X, np.ones_like(X)])
print(np.round(np.linalg.solve(A.T @ A, A.T @ Y), 4).ravel())
model = nn.Linear(1, 1)
print(model(x).detach().numpy().shape, np.allclose(x.numpy(), X), torch.tensor(X).dtype, torch.tensor(np.random.rand(2)).dtype)
