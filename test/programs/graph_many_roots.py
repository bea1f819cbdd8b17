# torch.autograd.backward with several roots.
# record: x.grad
import torch

x = torch.tensor([1., 2.], requires_grad=True)
a = x * 2
b = (x ** 2).sum()
torch.autograd.backward([a, b], [torch.tensor([1., 10.]), None])
print(x.grad)
