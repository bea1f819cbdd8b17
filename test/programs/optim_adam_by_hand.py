# Adam's formula by hand.
import torch

w = torch.tensor([1.0, 5.0], requires_grad=True)
v = w.detach().clone().requires_grad_()
optimizer = torch.optim.Adam([w], lr=0.1)
m, s = torch.zeros(2), torch.zeros(2)
for t in range(1, 6):
    optimizer.zero_grad()
    loss = (w ** 2).sum()
    loss.backward()
    optimizer.step()
    (g,) = torch.autograd.grad((v ** 2).sum(), v)
    m = 0.9 * m + 0.1 * g
    s = 0.999 * s + 0.001 * g * g
    mhat, shat = m / (1 - 0.9 ** t), s / (1 - 0.999 ** t)
    with torch.no_grad():
        v -= 0.1 * mhat / (shat.sqrt() + 1e-8)
    print(t, f"{loss.item():.4f}", w.data, torch.allclose(w, v, atol=1e-5))
