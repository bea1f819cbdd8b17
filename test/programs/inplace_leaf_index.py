# Assignment to an element of a leaf.
import torch

x = torch.tensor([1., 2., 3.], requires_grad=True)
x[0] = 9.
