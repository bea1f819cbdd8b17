# A hook sees the gradient, and may change it.
# record: x.grad
import torch

x = torch.tensor([1., 2.], requires_grad=True)
y = x * 2


def show(grad):
    print("y gets", grad)


y.register_hook(show)
y.register_hook(lambda grad: grad * 10)
handle = x.register_hook(lambda grad: print("x gets", grad))
(y * y).sum().backward()
print(x.grad)
handle.remove()
(x * 1).sum().backward()
print(x.grad)
