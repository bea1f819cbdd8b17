# Operations in place are nodes like others.
# record: x.grad
import torch

x = torch.tensor([0.5, 1.0], requires_grad=True)
y = x.clone()
y.mul_(3).add_(1)
y.exp_()
print(y)
y.sum().backward()
print(x.grad)
