import torch


def attempt(label, action):
    try:
        print(label, action())
    except Exception as error:
        print(label, type(error).__name__, error)


a = torch.tensor([1., 2.], requires_grad=True)
b = torch.tensor([3., 4.], requires_grad=True)
c = a * b
d = c.exp()
s = d.sum()
s.backward(inputs=a, retain_graph=True)
print(a.grad, b.grad)
s.backward(inputs=(a, b), retain_graph=True)
print(a.grad, b.grad)
s.backward(inputs=[c], retain_graph=True)
print(c.grad, a.grad)
torch.autograd.backward(s, inputs=[b], retain_graph=True)
print(b.grad)
torch.autograd.backward([s, c.sum()], inputs=[b, c], retain_graph=True)
print(b.grad, c.grad)
attempt('empty', lambda: s.backward(inputs=[]))
attempt('const', lambda: s.backward(inputs=[torch.ones(2)]))
attempt('unused', lambda: s.backward(inputs=[torch.ones(2, requires_grad=True)], retain_graph=True))
attempt('int', lambda: s.backward(inputs=[3]))
attempt('int', lambda: s.backward(inputs=3))
attempt('self', lambda: s.backward(inputs=[s], retain_graph=True))
print(s.grad)
attempt('grad int', lambda: torch.autograd.grad(s, [3]))
attempt('grad none', lambda: torch.autograd.grad(s, []))
attempt('grad', lambda: torch.autograd.grad(s, inputs=[a, c], retain_graph=True))
attempt('grad', lambda: torch.autograd.grad(outputs=[s, c.sum()],inputs=a, retain_graph=True))
attempt('grad', lambda: torch.autograd.grad(s, torch.ones(2)))
attempt('grad', lambda: torch.autograd.grad(s, torch.ones(2, requires_grad=True)))
attempt('grad', lambda: torch.autograd.grad(s, s))
attempt('grad', lambda: torch.autograd.grad(c, a))
a.register_post_accumulate_grad_hook(lambda p: print('post'))
c = a * b
s = c.sum()
s.backward(inputs=[c])
print(c.grad)
s = (a * b).sum()
s.backward(inputs=[a])
s = (a * b).sum()
torch.autograd.grad(s, a)
