# clone copies the numbers and keeps the graph.
# record: x.grad
import torch

x = torch.tensor([1., 2.], requires_grad=True)
y = x.clone()
print(y, y.is_leaf)
y[0] = 7
print(x, y)
y.sum().backward()
print(x.grad)
d = x.detach().clone()
d.add_(1)
print(x, d)
