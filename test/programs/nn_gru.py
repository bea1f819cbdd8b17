# A GRU and a GRUCell with the same weights.
import torch
from torch import nn

torch.manual_seed(9)
gru = nn.GRU(2, 3)
cell = nn.GRUCell(2, 3)
cell.weight_ih.data.copy_(gru.weight_ih_l0)
cell.weight_hh.data.copy_(gru.weight_hh_l0)
cell.bias_ih.data.copy_(gru.bias_ih_l0)
cell.bias_hh.data.copy_(gru.bias_hh_l0)
x = torch.sin(torch.arange(10.)).reshape(5, 1, 2)
out, h = gru(x)
state = torch.zeros(1, 3)
for step in x:
    state = cell(step, state)
print(h, torch.allclose(h[0], state, atol=1e-6))
out, h = nn.GRU(2, 3, bidirectional=True)(x)
print(out.shape, h.shape)
