# backward(inputs=...) leaves the gradients of others alone.
# record: x.grad
import torch

x = torch.tensor(2.0, requires_grad=True)
w = torch.tensor(3.0, requires_grad=True)
y = x * w
y.backward(inputs=[x])
print(x.grad, w.grad)
