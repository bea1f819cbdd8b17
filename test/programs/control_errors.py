"""What branches may not do. Messages are the compiler's of PyTorch: only where its words are the operation's own."""
import torch
from torch._higher_order_ops import map, scan

x = torch.tensor([1.0, 2.0])


def refused(body):
    try:
        body()
    except RuntimeError as error:
        print(str(error).split('\n')[0][:90])


def fails(body):
    try:
        body()
    except RuntimeError:
        print('refused')


same = lambda x: x * 1
refused(lambda: torch.cond('yes', same, same, (x,)))
refused(lambda: torch.cond(x.sum() > 0, 1, same, (x,)))
refused(lambda: torch.cond(x.sum() > 0, same, same, (1,)))
refused(lambda: torch.cond(x.sum() > 0, same, same, x))
refused(lambda: torch.while_loop(1, same, (x,)))
refused(lambda: scan(1, x, x))
refused(lambda: scan(lambda c, s: (c, s), [], x))
refused(lambda: map(same, torch.ones(0, 2)))
fails(lambda: torch.cond(x.sum() > 0, lambda x: x.add_(1), same, (x,)))
fails(lambda: torch.cond(x.sum() > 0, lambda x: x.sum(), same, (x,)))
fails(lambda: torch.cond(x.sum() > 0, lambda x: x.double(), same, (x,)))
fails(lambda: torch.cond(x.sum() > 0, lambda x: (x * 1, x * 2), same, (x,)))
fails(lambda: torch.cond(x.sum() > 0, lambda x: x if x.sum() > 1 else -x, same, (x,)))
fails(lambda: torch.while_loop(lambda x: x < 3, lambda x: (x + 1,), (x,)))
fails(lambda: torch.while_loop(lambda x: x.sum() < 3, lambda x: (x.sum(),), (x,)))
fails(lambda: torch.while_loop(lambda x: x.sum() < 3, lambda x: (x + 1, x + 2), (x,)))
fails(lambda: scan(lambda c, s: (c.sum(), s * 1), torch.zeros(2), torch.ones(3, 2)))
print(x)
