# A vector has no backward pass without weights.
import torch

w = torch.tensor([1., 2.], requires_grad=True)
y = w * 2
print(y)
y.backward()
