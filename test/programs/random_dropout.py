# Dropout under a seed.
# record: x.grad
import torch
import torch.nn.functional as F

torch.manual_seed(5)
x = torch.ones(10, requires_grad=True)
y = F.dropout(x, p=0.3)
print(y)
y.sum().backward()
print(x.grad)
print(F.dropout(torch.ones(4), 0.0), F.dropout(torch.ones(4), 1.0))
