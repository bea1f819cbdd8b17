# The weights must have the shape of what they weigh.
import torch

x = torch.tensor([1., 2., 3.], requires_grad=True)
y = x * 2
y.backward(torch.tensor([1., 2.]))
