# A tensor that is used several times gets the sum of all gradients.
# record: x.grad, m.grad
import torch

x = torch.tensor(2.0, requires_grad=True)
m = x * x
m.retain_grad()
y = m + m * m + x * m
y.backward()
print(m.grad, x.grad)
print(y)
