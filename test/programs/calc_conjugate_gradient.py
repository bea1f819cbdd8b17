# Conjugate gradients with Hessian-vector products.
# record: x
import torch

A = torch.tensor([[4., 1., 0.], [1., 3., 1.], [0., 1., 2.]], dtype=torch.float64)
b = torch.tensor([1., 2., 3.], dtype=torch.float64)


def product(v):
    p = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    (g,) = torch.autograd.grad(0.5 * p @ A @ p, p, create_graph=True)
    return torch.autograd.grad(g, p, v)[0]


x = torch.zeros(3, dtype=torch.float64)
r = b.clone()
d = r.clone()
for i in range(3):
    Ad = product(d)
    alpha = (r @ r) / (d @ Ad)
    x = x + alpha * d
    new = r - alpha * Ad
    d = new + (new @ new) / (r @ r) * d
    r = new
    print(i, x)
print(torch.allclose(A @ x, b))
