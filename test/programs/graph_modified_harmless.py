# A change in place does no harm where the value is not needed.
# record: w.grad
import torch

w = torch.tensor([1., 2., 3.], requires_grad=True)
a = w * 3
b = a + 1
a.add_(10)
print(a, b)
(a * 1.0 + b).sum().backward()
print(w.grad)
