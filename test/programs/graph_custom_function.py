# A function with a backward of its own.
# record: x.grad
import torch


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * 3 * x ** 2


x = torch.tensor([1., 2., -3.], requires_grad=True)
y = Cube.apply(x)
print(y)
y.sum().backward()
print(x.grad)
