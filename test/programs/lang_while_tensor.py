# A while loop whose condition is a tensor.
# record: x.grad
import torch

x = torch.tensor(1.1, requires_grad=True)
y = x
n = 0
while y < 100:
    y = y * x + 1
    n += 1
print(n, f"{y.item():.3f}")
y.backward()
print(f"{x.grad.item():.3f}")
if y > 100:
    print("above", bool(y > 100))
v = torch.tensor([1., -1.])
while v.abs().sum() > 0.1:
    v = v / 2
print(v)
