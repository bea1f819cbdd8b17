# A view of a leaf may not be changed in place either.
import torch

x = torch.tensor([1., 2., 3.], requires_grad=True)
v = x[:2]
v.zero_()
