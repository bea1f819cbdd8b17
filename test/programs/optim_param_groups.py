# Groups of parameters with rates of their own.
# record: a, b
import torch

a = torch.tensor([1.0], requires_grad=True)
b = torch.tensor([1.0], requires_grad=True)
optimizer = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)
for group in optimizer.param_groups:
    print(group["lr"], len(group["params"]))
(a * b).backward()
optimizer.step()
print(a, b)
optimizer.param_groups[0]["lr"] = 1.0
optimizer.zero_grad()
print(a.grad)
(a * b).backward()
optimizer.step()
print(a, b)
