# What the backward pass needs was changed in place.
import torch

w = torch.tensor([1., 2., 3.], requires_grad=True)
a = w.exp()
b = a * 2
a.add_(1)
print(b)
b.sum().backward()
