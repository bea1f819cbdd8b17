# An embedding and the gradient of its rows.
# record: table.weight.grad
import torch
from torch import nn

torch.manual_seed(6)
table = nn.Embedding(5, 3)
print(table, table.weight)
out = table(torch.tensor([[1, 2], [1, 4]]))
print(out.shape, out[0, 0])
out.sum().backward()
print(table.weight.grad)
padded = nn.Embedding(3, 2, padding_idx=0)
print(padded(torch.tensor([0])))
try:
    table(torch.tensor([7]))
except IndexError as error:
    print(error)
