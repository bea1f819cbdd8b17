# The gradient follows the branch that was taken.
import torch


def f(x):
    if x > 0:
        return x ** 2
    elif x == 0:
        return x * 0
    return -3 * x


for start in (2.0, 0.0, -1.0):
    x = torch.tensor(start, requires_grad=True)
    y = f(x)
    y.backward()
    print(start, y.item(), x.grad.item())
x = torch.tensor([-2., 0., 2.], requires_grad=True)
torch.where(x > 0, x ** 2, -3 * x).sum().backward()
print(x.grad)
