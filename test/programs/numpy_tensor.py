# record: t, shared, copied, w
import numpy as np
import torch

t = torch.tensor([[1.5, -2.25], [3.0, 0.125]])
a = t.numpy()
print(a)
print(repr(a))
print(type(a), a.dtype, a.shape, a.ndim, a.size)
a[0, 0] = 5
t[1, 1] = -1
print(t, a)
shared = torch.from_numpy(a)
shared[0] = torch.tensor([7.0, 8.0])
print(a, t)
copied = torch.tensor(a)
copied[0, 0] = 100
print(a[0, 0], torch.as_tensor(a)[0, 0])
view = torch.as_tensor(a)
view[1, 0] = 9
print(a)
print(np.array(t) is a, np.asarray(a) is a)

w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w ** 2).sum()
loss.backward()
print(loss.detach().numpy(), repr(loss.detach().numpy()), w.grad.numpy(), w.detach().numpy())
for use in (lambda: w.numpy(), lambda: np.array(w), lambda: loss.numpy()):
    try:
        use()
    except RuntimeError as error:
        print(error)
print(w.numpy(force=True))
print(torch.arange(3).numpy(), torch.tensor([True, False]).numpy(), torch.tensor(3).numpy())
print(repr(torch.arange(3, dtype=torch.int32).numpy()), repr(torch.tensor([True, False]).numpy()))
for wrong in (lambda: torch.from_numpy([1.0]), lambda: torch.exp(np.ones(2))):
    try:
        wrong()
    except TypeError as error:
        print(error)
print(torch.tensor(np.float64(1.5)), torch.tensor([np.float64(1.5), 2]), torch.tensor([np.ones(2), np.zeros(2)]))
print(torch.ones(2) * np.float64(2), np.float64(2) * torch.ones(2), torch.ones(2) + np.ones(2))
