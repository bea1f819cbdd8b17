# Clipping gradients by norm and by value.
# record: a.grad, b.grad
import torch

a = torch.tensor([3.0, 4.0], requires_grad=True)
b = torch.tensor([12.0], requires_grad=True)
((a ** 2).sum() / 2 + b ** 2 / 2).backward()
total = torch.nn.utils.clip_grad_norm_([a, b], max_norm=1.0)
print(total)
print(a.grad, b.grad)
torch.nn.utils.clip_grad_value_([a, b], 0.25)
print(a.grad, b.grad)
a.grad.mul_(100)
print(torch.nn.utils.clip_grad_norm_([a, b], 2.0, norm_type=float("inf")), a.grad)
vector = torch.nn.utils.parameters_to_vector([a, b])
print(vector)
