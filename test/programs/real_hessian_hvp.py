import torch
from torch.autograd.functional import hessian, jacobian, hvp, vjp, jvp


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


x = torch.tensor([0.5, 1.0], requires_grad=True)
y = rosenbrock(x)
g, = torch.autograd.grad(y, x, create_graph=True)
H = torch.stack([torch.autograd.grad(g[i], x, retain_graph=True)[0] for i in range(2)])
print(g)
print(H)
print(hessian(rosenbrock, x.detach()))
v = torch.tensor([1., -1.])
hv = torch.autograd.grad(g, x, grad_outputs=v)[0]
print(hv, torch.allclose(hv, H @ v))
print(hvp(rosenbrock, x.detach(), v)[1])
f = lambda x: torch.stack([x[0] * x[1], x.sum().sin(), x.prod() ** 2])
J = jacobian(f, x.detach())
print(J)
print(vjp(f, x.detach(), torch.ones(3))[1], J.sum(0))
print(jvp(f, x.detach(), v)[1], J @ v)

# Newton's method
p = torch.tensor([-1.2, 1.0], dtype=torch.float64)
for it in range(8):
    p.requires_grad_(True)
    val = rosenbrock(p)
    grad = torch.autograd.grad(val, p, create_graph=True)[0]
    hess = torch.zeros(2, 2, dtype=p.dtype)
    for i in range(2):
        hess[i] = torch.autograd.grad(grad[i], p, retain_graph=True)[0]
    with torch.no_grad():
        p = p - torch.linalg.solve(hess, grad)
    if it % 2 == 1:
        print(it, f'{val.item():.6e}')
print(p)
# third derivative by repeated grad
t = torch.tensor(1.5, requires_grad=True)
d = torch.sin(t) * t ** 3
for k in range(4):
    d, = torch.autograd.grad(d, t, create_graph=True)
    print(k + 1, f'{d.item():.4f}')
# unused
a = torch.ones(1, requires_grad=True)
b = torch.ones(1, requires_grad=True)
print(torch.autograd.grad(a * 2, [a, b], allow_unused=True))
print(torch.autograd.grad(a * 2, [a, b], allow_unused=True, materialize_grads=True))
try:
    torch.autograd.grad(a * 2, [a, b])
except RuntimeError as e:
    print(e)
