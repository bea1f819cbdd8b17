import torch
from torch import nn


def print_graph(g, level=0):
    if g is None:
        return
    print('*' * level * 4, type(g).__name__)
    for subg in g.next_functions:
        if subg[0] is not None:
            print_graph(subg[0], level + 1)


def make_dot(var, params=None):
    """Text of a DOT file of an autograd graph."""
    if params is not None:
        param_map = {id(v): k for k, v in params.items()}
    seen = {}
    lines = ['digraph {']

    def size_to_str(size):
        return '(' + ', '.join(['%d' % v for v in size]) + ')'

    def add_nodes(fn):
        if fn in seen:
            return seen[fn]
        name = f"n{len(seen)}"
        seen[fn] = name
        if hasattr(fn, 'variable'):
            u = fn.variable
            label = f"{param_map[id(u)] if params is not None else ''}\\n {size_to_str(u.size())}"
            lines.append(f'  {name} [label="{label}", fillcolor=lightblue]')
        else:
            lines.append(f'  {name} [label="{fn.name()}"]')
        for u, _ in fn.next_functions:
            if u is not None:
                lines.append(f"  {add_nodes(u)} -> {name}")
        return name

    add_nodes(var.grad_fn)
    lines.append('}')
    return '\n'.join(lines)


x = torch.tensor(2., requires_grad=True)
w = torch.tensor(1., requires_grad=True)
y = torch.mul(x + w, w + 1)
print_graph(y.grad_fn)
print(y.grad_fn.next_functions[0][0].next_functions)
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
out = model(torch.randn(2, 4)).mean()
print(make_dot(out, params=dict(model.named_parameters())))
stack, names = [out.grad_fn], []
while stack:
    fn = stack.pop()
    names.append(fn.name())
    for nxt, nr in reversed(fn.next_functions):
        if nxt is not None:
            stack.append(nxt)
print(len(names), names)
acc = y.grad_fn.next_functions[0][0].next_functions[0][0]
print(acc, acc.variable is x)
