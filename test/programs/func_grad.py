# torch.func: gradients of functions, nested, with auxiliary values, over structures.
import torch
from torch.func import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, linearize, vjp

x = torch.tensor(2.0)
w = torch.tensor(3.0, requires_grad=True)
print(grad(lambda x: x**3)(x), grad(grad(lambda x: x**3))(x), grad(grad(grad(torch.sin)))(x))
print(grad_and_value(lambda x: x**3)(x), grad(lambda x: x * w)(x))
print(grad(lambda x, y: x * y * y, argnums=(0, 1))(x, x), grad(lambda x, y: x * y * y, argnums=1)(x, x))
print(grad(lambda d: d['a'] * d['b'][0])({'a': x, 'b': [x + 1]}))
print(grad(lambda x: (x**2, x), has_aux=True)(x), grad_and_value(lambda x: (x**2, x), has_aux=True)(x))
loss = grad(lambda x: (w * x) ** 2)(x) ** 2
loss.backward()
print(loss, w.grad)
v = torch.tensor([1.0, 2.0])
output, pullback = vjp(lambda x, y: (x * y, x + y), v, v + 1)
print(output, pullback((torch.ones(2), torch.ones(2))))
print(jvp(torch.sin, (v,), (torch.ones(2),)), linearize(lambda x: x**2, v)[1](torch.ones(2)))
print(jacrev(lambda x: x**2)(v), jacfwd(lambda x: (x**2, x.sum()))(v))
print(jacrev(lambda x, y: x * y, argnums=(0, 1))(v, v), jacrev(lambda d: {'o': d['a'] * 2})({'a': v}))
print(hessian(lambda x: (x**3).sum() + x.prod())(v))
print(jacfwd(lambda x: (x**2, x), has_aux=True)(v))
