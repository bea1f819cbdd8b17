# scatter_, index_add_, index_fill_ and their relatives.
import torch

x = torch.zeros(3, 5)
x.scatter_(0, torch.tensor([[0, 1, 2, 0, 0]]), torch.tensor([[1., 2., 3., 4., 5.]]))
print(x)
y = torch.ones(3, 2)
y.index_add_(0, torch.tensor([0, 2, 0]), torch.tensor([[1., 1.], [2., 2.], [3., 3.]]))
print(y)
y.index_fill_(1, torch.tensor([1]), -1)
print(y)
print(torch.zeros(2, 3).scatter_add_(1, torch.tensor([[0, 0, 2], [1, 1, 1]]), torch.ones(2, 3)))
print(torch.zeros(4, 4).fill_diagonal_(2))
