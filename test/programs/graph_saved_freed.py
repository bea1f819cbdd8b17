import torch

x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
w = torch.tensor([[.5, 1.], [1.5, 2.]], requires_grad=True)
c = torch.tensor([[1., 1.], [2., 2.]])


def attempt(label, action):
    try:
        print(label, action())
    except Exception as error:
        print(label, type(error).__name__, error)


y = x * w
print(y.grad_fn._saved_self is x, y.grad_fn._saved_other is w)
z = y.exp()
result = z.grad_fn._saved_result
print(result is z, result.grad_fn is z.grad_fn, torch.equal(result, z))
p = y ** 2
print(p.grad_fn._saved_self.grad_fn is y.grad_fn)
print(torch.autograd.grad((p.grad_fn._saved_self * 3).sum(), x, retain_graph=True))
z.sum().backward(retain_graph=True)
attempt('kept', lambda: z.grad_fn._saved_result)
m = x * c
s = m.sum(1)
p.grad_fn.register_hook(lambda grad_inputs, grad_outputs: print('in a hook', p.grad_fn._saved_self))
(z.sum() + p.sum() + s.sum()).backward()
attempt('result', lambda: z.grad_fn._saved_result)
attempt('exponent', lambda: p.grad_fn._saved_exponent)
attempt('self', lambda: p.grad_fn._saved_self)
attempt('self', lambda: y.grad_fn._saved_self)
attempt('not saved', lambda: m.grad_fn._saved_self)
attempt('constant', lambda: m.grad_fn._saved_other)
attempt('dim', lambda: s.grad_fn._saved_dim)
attempt('number', lambda: (s * 2).grad_fn._saved_other)

# What was written over is refused.
e = x.exp()
with torch.no_grad():
    e.add_(1)
attempt('written', lambda: e.grad_fn._saved_result)
k = (x * 2).detach().requires_grad_()
q = k * w
with torch.no_grad():
    k.mul_(2)
attempt('written', lambda: q.grad_fn._saved_self)
attempt('other', lambda: q.grad_fn._saved_other)
attempt('missing', lambda: q.grad_fn._saved_foo)
