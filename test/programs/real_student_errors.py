"""Mistakes everybody makes once, and what they say."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def attempt(what, fn):
    try:
        print(what, '->', fn())
    except Exception as e:
        print(f"{what} -> {type(e).__name__}: {e}")


a, b = torch.ones(2, 3), torch.ones(2, 3)
attempt('matmul', lambda: a @ b)
attempt('mm', lambda: torch.mm(a, torch.ones(4, 2)))
attempt('broadcast', lambda: a + torch.ones(2))
attempt('view', lambda: a.t().view(-1))
attempt('view size', lambda: a.view(4))
attempt('reshape', lambda: a.reshape(5, -1))
attempt('index', lambda: a[5])
attempt('too many', lambda: a[0, 0, 0])
attempt('dim', lambda: a.sum(dim=2))
attempt('cat', lambda: torch.cat([a, torch.ones(3, 2)]))
attempt('stack', lambda: torch.stack([a, torch.ones(3, 2)]))
attempt('linear', lambda: nn.Linear(4, 2)(a))
attempt('conv', lambda: nn.Conv2d(3, 8, 3)(torch.ones(1, 1, 8, 8)))
attempt('conv dim', lambda: nn.Conv2d(3, 8, 3)(torch.ones(3, 3)))
attempt('ce', lambda: F.cross_entropy(torch.ones(3, 4), torch.tensor([0, 1, 4])))
attempt('ce size', lambda: F.cross_entropy(torch.ones(3, 4), torch.tensor([0, 1])))
attempt('ce float', lambda: F.cross_entropy(torch.ones(3, 4), torch.tensor([0., 1., 2.])))
attempt('bce', lambda: F.binary_cross_entropy(torch.tensor([1.5]), torch.tensor([1.])))
attempt('bce shape', lambda: F.binary_cross_entropy(torch.ones(3), torch.ones(3, 1)))
attempt('embedding', lambda: nn.Embedding(3, 2)(torch.tensor([3])))
attempt('embedding float', lambda: nn.Embedding(3, 2)(torch.tensor([1.])))
attempt('bool', lambda: bool(torch.tensor([1, 2])))
attempt('if', lambda: 1 if a > 0 else 0)
attempt('item', lambda: a.item())
attempt('unpack', lambda: [x for x in torch.tensor(1.)])
attempt('long mm', lambda: torch.ones(2, 2).long() @ torch.ones(2, 2))
attempt('mean', lambda: torch.arange(4).mean())
attempt('squeeze', lambda: torch.ones(1, 2).squeeze(3))
attempt('forward', lambda: nn.Module()(a))
attempt('chol', lambda: torch.linalg.cholesky(-torch.eye(2)))
attempt('inv', lambda: torch.inverse(torch.zeros(2, 2)))
attempt('attr', lambda: a.foo)
attempt('func', lambda: torch.foo(a))
attempt('bn', lambda: nn.BatchNorm1d(3)(torch.ones(1, 3)))
attempt('empty opt', lambda: torch.optim.SGD([], lr=0.1))
attempt('opt tensor', lambda: torch.optim.SGD(torch.ones(2), lr=0.1))
attempt('opt lr', lambda: torch.optim.Adam([nn.Parameter(a)], lr=-1.))
attempt('nonleaf', lambda: torch.optim.SGD([nn.Parameter(a) * 2], lr=0.1))
attempt('expand', lambda: a.expand(3, 3))
attempt('permute', lambda: a.permute(0, 2))
attempt('gather', lambda: a.gather(1, torch.zeros(3, 1).long()))
attempt('split', lambda: a.split([1, 1], dim=1))
attempt('mask', lambda: a[torch.tensor([True, False, True])])
attempt('tensor', lambda: torch.tensor([[1, 2], [3]]))
attempt('requires', lambda: (a.requires_grad_() * 2).requires_grad_(False))


class Bad(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(2, 2)


attempt('super', lambda: Bad())
attempt('kwarg', lambda: nn.Linear(2, 2, biass=False))
