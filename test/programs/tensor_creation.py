# The ways to make a tensor.
import torch

print(torch.zeros(2, 3))
print(torch.ones((2, 2), dtype=torch.int64))
print(torch.full((2, 3), 7.5))
print(torch.eye(3))
print(torch.arange(5), torch.arange(1, 10, 3), torch.arange(0, 1, 0.25))
print(torch.linspace(0, 1, 5), torch.logspace(0, 2, 3))
print(torch.empty(0), torch.empty(2, 0))
print(torch.zeros_like(torch.ones(2)), torch.ones_like(torch.arange(3)), torch.full_like(torch.zeros(2), 3))
print(torch.tensor([[1, 2], [3, 4]]), torch.tensor([]), torch.tensor(3))
print(torch.diag(torch.tensor([1., 2.])), torch.tril(torch.ones(3, 3)), torch.triu(torch.ones(3, 3), 1))
