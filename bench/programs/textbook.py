import torch

torch.manual_seed(10)
x = torch.tensor(2.0, requires_grad=True)
w = torch.tensor(3.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
y = w * x + b
z = y**2
z.backward()
print(x.grad, w.grad, b.grad)
