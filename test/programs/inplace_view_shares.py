# Views share memory with their base.
import torch

x = torch.arange(6.).reshape(2, 3)
row = x[1]
col = x[:, 0]
flat = x.view(-1)
row[0] = 100
col += 1
flat[2] = -5
print(x)
print(row, col)
t = x.t()
t[0, 0] = 42
print(x[0, 0].item(), x._is_view(), t._is_view())
print(x.data_ptr() == flat.data_ptr())
