import torch
import torch.nn as nn

torch.manual_seed(0)
activations = {}


def get_activation(name):
    def hook(model, input, output):
        activations[name] = output.detach()
    return hook


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.relu = nn.ReLU()
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(2 * 4 * 4, 3)

    def forward(self, x):
        return self.fc(self.flatten(self.relu(self.conv(x))))


net = Net()
handles = [m.register_forward_hook(get_activation(n)) for n, m in net.named_modules() if n]
out = net(torch.randn(1, 1, 6, 6))
for k, v in activations.items():
    print(f'{k:<8}', tuple(v.shape), f'{v.mean().item():.4f}')
for h in handles:
    h.remove()


def backward_hook(module, grad_input, grad_output):
    print('backward', module.__class__.__name__,
          [None if g is None else tuple(g.shape) for g in grad_input], [tuple(g.shape) for g in grad_output])


net.fc.register_full_backward_hook(backward_hook)
net.relu.register_full_backward_hook(backward_hook)


def pre_hook(module, args):
    (x,) = args
    return (x * 2,)


h = net.fc.register_forward_pre_hook(pre_hook)
out = net(torch.ones(1, 1, 6, 6))
out.sum().backward()
h.remove()

# Grad-CAM
feats, grads = [], []
f = net.conv.register_forward_hook(lambda m, i, o: feats.append(o))
b = net.conv.register_full_backward_hook(lambda m, gi, go: grads.append(go[0]))
net.zero_grad()
score = net(torch.randn(1, 1, 6, 6))[0, 1]
score.backward()
weights = grads[0].mean(dim=(2, 3), keepdim=True)
cam = torch.relu((weights * feats[0]).sum(dim=1, keepdim=True))
print(cam.shape, (cam >= 0).all().item())

# tensor hooks
v = torch.tensor([0., 0., 0.], requires_grad=True)
h = v.register_hook(lambda grad: grad * 2)
v.backward(torch.tensor([1., 2., 3.]))
print(v.grad)
h.remove()
v.grad = None
y = v * 3
y.register_hook(lambda g: print('grad of y:', g))
y.register_hook(lambda g: g.clamp(max=1.5))
y.backward(torch.tensor([1., 2., 3.]))
print(v.grad)
for p in net.parameters():
    p.register_hook(lambda g: torch.clamp(g, -0.01, 0.01))
net.zero_grad()
(net(torch.randn(4, 1, 6, 6)) ** 2).sum().backward()
print(max(p.grad.abs().max().item() for p in net.parameters()) <= 0.01)
