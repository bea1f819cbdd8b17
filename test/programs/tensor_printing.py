# How tensors print.
import torch

print(torch.tensor([1e-5, 1.0]), torch.tensor([1e8, 1.0]), torch.tensor([0.1, 100.25]))
print(torch.tensor([float("inf"), float("-inf"), float("nan"), 1.5]), torch.tensor([float("nan"), 2.0]))
print(torch.arange(2000), torch.arange(40))
print(torch.zeros(100, 100))
print(torch.tensor([]), torch.zeros(0, 3), torch.zeros(2, 0, dtype=torch.int64))
print(torch.tensor(3.14159265), torch.tensor(2), torch.tensor(True), torch.tensor([True, False]))
print(torch.tensor([1.5], dtype=torch.float64), torch.tensor([1], dtype=torch.int32))
print(torch.arange(8.).reshape(2, 2, 2))
print(repr(torch.tensor([1., 2.])), str(torch.tensor([1., 2.])))
print([torch.tensor(1.), torch.tensor([2])], {"a": torch.tensor(1)}, (torch.ones(1),))
print(torch.rand(3, generator=torch.Generator().manual_seed(1)) > 2)
