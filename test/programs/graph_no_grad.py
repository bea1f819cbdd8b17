# What happens under no_grad is not recorded.
import torch

x = torch.tensor([1., 2.], requires_grad=True)
with torch.no_grad():
    y = x * 2
    print(torch.is_grad_enabled(), y.requires_grad)
    x += 1
print(x, y)
print(torch.is_grad_enabled())
z = x * 2
print(z)
