# A recursive walk over the graph, printed as a tree.
import torch


def walk(fn, depth=0):
    if fn is None:
        return 0
    print("  " * depth + type(fn).__name__)
    count = 1
    for child, _ in fn.next_functions:
        count += walk(child, depth + 1)
    return count


x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
w = torch.randn(2, 2, generator=torch.Generator().manual_seed(0))
w.requires_grad_()
loss = torch.tanh(x @ w).pow(2).mean()
print(walk(loss.grad_fn), "nodes")
