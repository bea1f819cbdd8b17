# Index assignment within the graph.
# record: x.grad, w.grad
import torch

x = torch.tensor([1., 2., 3.], requires_grad=True)
w = torch.tensor(5., requires_grad=True)
buffer = torch.zeros(4)
buffer[0] = w
buffer[1:] = x * w
print(buffer)
buffer[2] = 0
(buffer ** 2).sum().backward()
print(x.grad, w.grad)
