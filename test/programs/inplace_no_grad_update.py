# A step of gradient descent, written in place.
# record: w
import torch

w = torch.tensor([5., -3.], requires_grad=True)
for step in range(5):
    loss = (w ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad.zero_()
    print(f"{step} {loss.item():.4f} {w.tolist()}" if step == 0 else f"{step} {loss.item():.4f}")
print(w)
