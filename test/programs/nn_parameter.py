# nn.Parameter and how it prints.
import torch
from torch import nn

p = nn.Parameter(torch.tensor([1., 2.]))
print(p)
print(p.requires_grad, p.is_leaf, isinstance(p, torch.Tensor), type(p))
print(nn.Parameter(torch.zeros(2), requires_grad=False))
print([p], p.data, p * 2)
print(f"{p}")


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.ones(2))
        self.plain = torch.ones(3)


m = Scale()
print([n for n, _ in m.named_parameters()], m.a.shape)
m.a.data.fill_(5)
print(m.a, m)
