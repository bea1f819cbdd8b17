import torch

x = torch.tensor([1., 2., 3.], requires_grad=True)
try:
    x += 1
except RuntimeError as e:
    print("1.", e)
try:
    x[0] = 5.
except RuntimeError as e:
    print("2.", e)
with torch.no_grad():
    x += 1
print(x, x._version)

y = x.exp()
print(y._version)
y += 1
print(y._version)
try:
    y.sum().backward()
except RuntimeError as e:
    print("3.", e)

y = x * 2
y.add_(1)
y.sum().backward()
print(x.grad)

a = torch.ones(2, 2, requires_grad=True)
b = a.clone()
v = b[0]
v.mul_(10)
print(b)
b.sum().backward()
print(a.grad)
print(v.grad_fn, b.grad_fn)

w = torch.randn(3, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
s = torch.sigmoid(w)
loss = (s ** 2).sum()
s.zero_()
try:
    loss.backward()
except RuntimeError as e:
    print("4.", e)

h = w.tanh()
h2 = h.relu_()
try:
    (h * 1).sum().backward()
    print("no error")
except RuntimeError as e:
    print("5.", e)

z = torch.zeros(3)
print(z.requires_grad)
z[1] = x[1] * 3
print(z, z.requires_grad)
z.sum().backward()
print(x.grad)

t = torch.arange(6.)
u = t.view(2, 3)
u[0, 0] = 100
print(t, u._base is t, u.data_ptr() == t.data_ptr())
e = torch.ones(3, 1).expand(3, 4)
try:
    e.add_(1)
except RuntimeError as err:
    print("6.", err)
i = torch.arange(3)
try:
    i += 0.5
except RuntimeError as err:
    print("7.", err)
