import torch

# leaf vs non-leaf
a = torch.rand(3, requires_grad=True)
b = torch.rand(3, requires_grad=True) * 2
c = torch.rand(3).requires_grad_()
d = torch.tensor([1., 2., 3.])
for name, t in dict(a=a, b=b, c=c, d=d).items():
    print(f"{name}: is_leaf={t.is_leaf}, requires_grad={t.requires_grad}, grad_fn={t.grad_fn}")

x = torch.tensor(2.0, requires_grad=True)
y = x ** 2
z = 3 * y
y.retain_grad()
z.backward()
print(x.grad, y.grad, y.retains_grad)

try:
    z.backward()
except RuntimeError as e:
    print(type(e).__name__, ':', str(e).split('.')[0])

# accumulates
for i in range(3):
    (x * 3).backward()
    print(i, x.grad)
x.grad = None

# scalar only
v = torch.ones(3, requires_grad=True)
try:
    (v * 2).backward()
except RuntimeError as e:
    print(e)

# detached part
w = torch.tensor(3., requires_grad=True)
out = w * w.detach()
out.backward()
print(w.grad)

# the copy constructor trap
p = torch.tensor([1., 2.], requires_grad=True)
q = p.clone()
print(q.is_leaf, q.requires_grad, p.detach().clone().is_leaf)
q.sum().backward()
print(p.grad, p.grad is not None)

# no requires_grad at all
try:
    torch.ones(2).sum().backward()
except RuntimeError as e:
    print(e)
try:
    torch.tensor([1, 2], requires_grad=True)
except RuntimeError as e:
    print(e)
r = torch.tensor([1., 2.], requires_grad=True)
s = r[0]
s.backward()
print(r.grad, s.is_leaf)
try:
    k = r.numpy()
except RuntimeError as e:
    print(e)
print(float(r[1]), int(r[1]), r[1].item(), r.tolist())
