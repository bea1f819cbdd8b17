# requires_grad_ on and off.
import torch

x = torch.ones(2)
print(x.requires_grad)
x.requires_grad_()
print(x)
x.requires_grad_(False)
print(x)
x.requires_grad = True
y = x * 2
try:
    y.requires_grad = False
except RuntimeError as error:
    print(error)
