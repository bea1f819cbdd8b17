# Assignment to elements, rows, columns and slices.
import torch

x = torch.zeros(3, 4)
x[0] = 1
x[:, 1] += 2
x[1, 2] = 5.5
x[-1, -2:] = torch.tensor([7., 8.])
print(x)
x[1:, ::2] = -1
x[...] *= 2
print(x)
x[[0, 2], [0, 3]] = 100
print(x)
x[x > 50] = 0
print(x)
x[:] = 3
print(x)
