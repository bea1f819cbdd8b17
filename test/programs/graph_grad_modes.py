# The contexts nest.
import torch

x = torch.tensor(1., requires_grad=True)
with torch.no_grad():
    a = x * 2
    with torch.enable_grad():
        b = x * 2
    c = x * 2
print(a.requires_grad, b.requires_grad, c.requires_grad)
with torch.set_grad_enabled(False):
    d = x * 2
print(d.requires_grad)
torch.set_grad_enabled(False)
e = x * 2
torch.set_grad_enabled(True)
f = x * 2
print(e.requires_grad, f.requires_grad)
