# One layer used twice, and tied weights.
# record: shared.grad
import torch

shared = torch.tensor([[1., 2.], [0., 1.]], requires_grad=True)
x = torch.tensor([1., -1.])
hidden = torch.relu(x @ shared)
out = hidden @ shared.t()
out.sum().backward()
print(hidden, out)
print(shared.grad)
layer = torch.nn.Linear(2, 2, bias=False)
net = torch.nn.Sequential(layer, torch.nn.Tanh(), layer)
print(len(list(net.parameters())), net[0].weight is net[2].weight)
