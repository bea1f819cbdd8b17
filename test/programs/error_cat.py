# Tensors that cannot be joined.
import torch

for parts in ([torch.ones(2, 3), torch.ones(2, 4)], [torch.ones(2), torch.ones(2, 2)]):
    try:
        torch.cat(parts)
    except RuntimeError as error:
        print(error)
try:
    torch.stack([torch.ones(2), torch.ones(3)])
except RuntimeError as error:
    print(error)
try:
    torch.cat([])
except (RuntimeError, ValueError) as error:
    print(error)
