import torch


def product():
    a = torch.tensor([1., 2.], requires_grad=True)
    b = torch.tensor([3., 4.], requires_grad=True)
    return a, b, a * b


a, b, c = product()
node = c.grad_fn
print(isinstance(node, torch.autograd.graph.Node), node == c.grad_fn, hash(node) == hash(c.grad_fn), node != c.sum().grad_fn)
log = []
c.retain_grad()
handle = node.register_hook(lambda grad_inputs, grad_outputs: log.append(('hook', grad_inputs, grad_outputs)))
node.register_prehook(lambda grad_outputs: log.append(('prehook', grad_outputs)))
c.register_hook(lambda g: log.append(('tensor', g)))
c.register_hook(lambda g: g * 2)
leaf = node.next_functions[0][0]
leaf.register_hook(lambda grad_inputs, grad_outputs: log.append(('leaf', grad_inputs, grad_outputs, a.grad)))
leaf.register_prehook(lambda grad_outputs: log.append(('leaf prehook', grad_outputs, a.grad)))
a.register_post_accumulate_grad_hook(lambda p: log.append(('accumulated', p.grad)))
c.sum().backward()
for line in log:
    print(*line)
print(c.grad, a.grad, b.grad, type(handle).__name__)

# What hooks return goes on; each sees what those before it made.
a, b, c = product()
c.grad_fn.register_prehook(lambda grad_outputs: (grad_outputs[0] * 10,))
handles = [
    c.grad_fn.register_hook(lambda gi, go, i=i: print('hook', i, gi, go) or (gi[0] * 2, gi[1]))
    for i in range(3)
]
handles[1].remove()
handles[1].remove()
c.sum().backward(retain_graph=True)
print(a.grad, b.grad)
with handles[0]:
    pass
c.sum().backward()
print(a.grad, b.grad)

# Nothing comes where no gradient is needed, and where none came.
a, b, c = product()
d = a * b.detach()
d.grad_fn.register_hook(lambda gi, go: print('constant', gi, go))
d.sum().backward()
x = torch.ones(3, requires_grad=True)
parts = x.unbind()
parts[0].grad_fn.register_hook(lambda gi, go: print('unbind', gi, go))
parts[0].grad_fn.register_prehook(lambda go: print('unbind before', go))
parts[1].backward()
a, b, c = product()
c.grad_fn.register_prehook(lambda go: (None,))
c.grad_fn.register_hook(lambda gi, go: print('none', gi, go))
c.sum().backward()
print(a.grad, b.grad)
a, b, c = product()
c.grad_fn.register_hook(lambda gi, go: (None, gi[1]))
c.sum().backward()
print(a.grad, b.grad)
a, b, c = product()
c.grad_fn.next_functions[0][0].register_prehook(lambda go: (go[0] * 7,))
c.sum().backward()
print(a.grad, b.grad)

# Only nodes that run call their hooks.
a, b, c = product()
e = c.exp()
e.grad_fn.register_hook(lambda gi, go: print('exp', gi, go))
c.grad_fn.register_prehook(lambda go: print('mul before', go))
c.grad_fn.register_hook(lambda gi, go: print('mul', gi, go))
c.grad_fn.next_functions[0][0].register_hook(lambda gi, go: print('leaf', gi, go))
print(torch.autograd.grad(e.sum(), c, retain_graph=True))
print(torch.autograd.grad(e.sum(), a, retain_graph=True))
print(torch.autograd.grad(e.sum(), [a, c], retain_graph=True))
e.sum().backward(inputs=[b], retain_graph=True)
e.sum().backward(inputs=[a, b], retain_graph=True)
e.sum().backward(inputs=[c])
print(a.grad, b.grad, c.grad)
try:
    c.sum().backward()
except RuntimeError as error:
    print(error)


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(x)
        ctx.factor = factor
        return x ** 3 * factor

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 3 * x ** 2 * g * ctx.factor, None


x = torch.tensor([3.], requires_grad=True)
y = Cube.apply(x, 2)
y.grad_fn.register_prehook(lambda go: print('cube before', go))
y.grad_fn.register_hook(lambda gi, go: (gi[0] / 2,))
print(isinstance(y.grad_fn, torch.autograd.graph.Node), y.grad_fn.saved_tensors, y.grad_fn.factor, y.grad_fn.needs_input_grad)
y.backward()
print(x.grad)
try:
    y.grad_fn.saved_tensors
except RuntimeError as error:
    print(error)

# Second derivatives go through what a hook computed.
x = torch.tensor(2., requires_grad=True)
y = x ** 3
y.grad_fn.register_hook(lambda gi, go: (gi[0] * x,))
first, = torch.autograd.grad(y, x, create_graph=True)
print(first, torch.autograd.grad(first, x))

# A hook may go through a graph itself, and write to what it was given.
a, b, c = product()
inner = torch.tensor([5., 6.], requires_grad=True)


def nested(grad_inputs, grad_outputs):
    with torch.enable_grad():
        (inner * inner).sum().backward()
    grad_inputs[0].mul_(3)


c.grad_fn.register_hook(nested)
c.sum().backward()
print(a.grad, b.grad, inner.grad)
