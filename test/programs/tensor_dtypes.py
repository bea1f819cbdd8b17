# Data types, their defaults and conversions.
import torch

for value in (1, 1.5, True, [1, 2.5], [True, 2], [1, 2]):
    t = torch.tensor(value)
    print(value, t.dtype)
x = torch.tensor([1.7, -2.7, 0.0])
print(x.int(), x.long(), x.bool(), x.double())
print(x.to(torch.int32), x.type(torch.float64))
print(torch.tensor([1, 2], dtype=torch.float32))
print(x.dtype == torch.float, torch.float64 is torch.double, torch.int64)
print(x.is_floating_point(), torch.arange(3).is_floating_point())
print(torch.get_default_dtype())
torch.set_default_dtype(torch.float64)
print(torch.tensor([1.5]), torch.zeros(1), torch.tensor([1.5], dtype=torch.float32))
