# Views of leaves without a graph.
import torch

w = torch.ones(3, requires_grad=True)
with torch.no_grad():
    v = w[1:]
    u = w.view(3)
    d = w * 2
print(v.requires_grad, v.is_leaf, v.grad_fn, u.requires_grad, d.requires_grad)
y = (w * 2).sum()
print(y.grad_fn.name(), y.grad_fn.next_functions[0][0].name(), y.grad_fn.metadata)
y.grad_fn.metadata["step"] = 3
print(y.grad_fn.metadata)
