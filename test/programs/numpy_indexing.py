import numpy as np
import torch

a = np.arange(12).reshape(3, 4)
print(a[0], a[1, 2], [a[1, 2]], a[-1], a[:, 1], a[1:, ::2], a[..., 0], a[None, 0], a[:, np.newaxis].shape)
print(a[[0, 2]], a[[0, 1], [1, 2]], a[a > 5], a[np.array([2, 0])], a[a[:, 0] > 0, 1])
print(a[::-1], a[:, ::-1], a[0, ::-1], a[::-1, ::-2], a[0][::-1], a[2:0:-1])
v = a[1]
v[0] = 100
print(a)
a[a > 50] = -1
a[:, 3] = [7, 8, 9]
a[0] = 0
a[2, 1:3] += 5
print(a)
b = np.zeros((2, 3))
b[:] = [1, 2, 3]
b[0, 0] = 9
b[:, ::-1] = np.array([4, 5, 6])
print(b)
n = np.zeros(3, dtype=int)
n[0] = 2.9
n[1] = True
print(n)
for row in a:
    print(row, row.sum())
for i, x in enumerate(np.array([0.5, 1.5])):
    print(i, x, [x])
for wrong in (lambda: a[3], lambda: a[0, 9], lambda: a[0, 0, 0], lambda: a[1.5], lambda: np.float64(1)[0], lambda: len(np.array(1))):
    try:
        wrong()
    except (IndexError, TypeError) as error:
        print(type(error).__name__, error)
x, y = np.array([1.0, 2.0])
print(x, y, np.where(a > 5), np.where(a > 5, a, -1), np.nonzero(np.array([0, 3, 0, 4])), np.argwhere(np.array([0, 1])))
print(torch.tensor([10, 20, 30])[np.array([0, 2])], torch.arange(4)[np.array([True, False, True, False])])
print(a.reshape(-1), a.reshape(2, -1), a.reshape((4, 3)), a.ravel(), a.flatten().shape, a.T.shape, a.transpose(1, 0).shape)
print(np.expand_dims(a, 0).shape, np.squeeze(np.ones((1, 3, 1))).shape, a[None].squeeze(0).shape, np.swapaxes(np.ones((2, 3, 4)), 0, 2).shape)
try:
    a.reshape(5, 2)
except ValueError as error:
    print(error)
