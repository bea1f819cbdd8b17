# autograd.grad of a vector, with weights.
import torch

x = torch.tensor([1., 2., 3.], requires_grad=True)
y = x ** 2
print(torch.autograd.grad(y, x, grad_outputs=torch.tensor([1., 0., 10.]), retain_graph=True))
print(torch.autograd.grad(y.sum(), x))
try:
    torch.autograd.grad(y, x)
except RuntimeError as error:
    print(error)
