import torch


def fresh():
    a = torch.tensor([1., 2.], requires_grad=True)
    b = torch.tensor([3., 4.], requires_grad=True)
    return a, b, a * b


def attempt(label, action):
    try:
        print(label, action())
    except Exception as error:
        print(label, type(error).__name__, error)


after = [
    lambda gi, go: gi[0], lambda gi, go: (gi[0],), lambda gi, go: (gi[0], 3), lambda gi, go: (gi[0], gi[1].sum()),
    lambda gi, go: (gi[0].double(), gi[1]), lambda gi, go: [gi[0], gi[1]], lambda gi: None,
]
for i, hook in enumerate(after):
    a, b, c = fresh()
    c.grad_fn.register_hook(hook)
    attempt(f'hook {i}', lambda: c.sum().backward())
before = [
    lambda go: go[0], lambda go: (), lambda go: (3,), lambda go: (go[0].sum(),), lambda go: (go[0].double(),),
    lambda go: [go[0]],
]
for i, hook in enumerate(before):
    a, b, c = fresh()
    c.grad_fn.register_prehook(hook)
    attempt(f'prehook {i}', lambda: c.sum().backward())
a, b, c = fresh()
d = a * b.detach()
d.grad_fn.register_hook(lambda gi, go: (gi[0], torch.ones(2)))
attempt('none', lambda: d.sum().backward())
a, b, c = fresh()
c.grad_fn.next_functions[0][0].register_hook(lambda gi, go: (go[0],))
attempt('leaf', lambda: c.sum().backward())
a, b, c = fresh()
c.register_hook(lambda g: g.double())
attempt('tensor', lambda: c.sum().backward())
a, b, c = fresh()
c.grad_fn.register_hook(3)
attempt('int', lambda: c.sum().backward())
a, b, c = fresh()
attempt('few', lambda: c.grad_fn.register_hook())
attempt('many', lambda: c.grad_fn.register_hook(1, 2))
attempt('few', lambda: c.grad_fn.register_prehook())


def boom(grad_inputs, grad_outputs):
    raise ValueError('boom')


c.grad_fn.register_hook(boom)
attempt('raised', lambda: c.sum().backward())
attempt('raised again', lambda: c.sum().backward())
attempt('own', lambda: setattr(a, 'grad', a))
attempt('own', lambda: setattr(c, 'grad', c))
attempt('apart', lambda: setattr(a, 'grad', a.detach()))
attempt('number', lambda: setattr(a, 'grad', 3))
attempt('missing', lambda: c.grad_fn.foo)
attempt('missing', lambda: c.grad_fn.variable)
c.grad_fn.register_prehook(boom)
c.sum().backward()
