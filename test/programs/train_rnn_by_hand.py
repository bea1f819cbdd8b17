# A recurrence written out, with gradients through time.
# record: W.grad, U.grad
import torch

torch.manual_seed(8)
W = (0.5 * torch.randn(3, 3, dtype=torch.float64)).requires_grad_()
U = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
xs = torch.sin(torch.arange(12, dtype=torch.float64)).reshape(6, 2)
h = torch.zeros(3, dtype=torch.float64)
states = []
for x in xs:
    h = torch.tanh(h @ W + x @ U)
    h.retain_grad()
    states.append(h)
loss = (states[-1] ** 2).sum()
loss.backward()
print(loss)
print(W.grad)
print([f"{s.grad.norm().item():.4f}" for s in states])
