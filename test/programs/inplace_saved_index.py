# What was saved is changed later by an index assignment.
import torch

x = torch.tensor([1., 2., 3.], requires_grad=True)
y = x.sigmoid()
z = y.sum()
y[0] = 0.
z.backward()
print(x.grad)
w = (x * 1).tanh()
out = (w * w).sum()
w[1] = 0.
out.backward()
