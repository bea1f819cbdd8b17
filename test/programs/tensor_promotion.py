# The dtype of a result.
import torch

i = torch.tensor([1, 2, 3])
f = torch.tensor([0.5, 1.5, 2.5])
d = f.double()
b = torch.tensor([True, False, True])
print((i + f).dtype, (i + 1).dtype, (i + 1.5).dtype, (f + d).dtype, (b + b).dtype, (b + i).dtype)
print((i / 2).dtype, (i // 2).dtype, (i ** 2).dtype, (f * torch.tensor(2.0, dtype=torch.float64)).dtype)
print(i / i, b * 2, b + 1.0)
print(torch.result_type(i, 1.0), torch.promote_types(torch.int32, torch.float32))
print(torch.sum(b), b.sum().dtype, i.sum().dtype, torch.sqrt(i))
try:
    i.mean()
except RuntimeError as error:
    print(error)
