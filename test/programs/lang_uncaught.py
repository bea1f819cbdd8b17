# An exception raised inside functions; the line is that of the raise.
import torch


def inner(x):
    if x.sum() > 1:
        raise ValueError(f"too large: {x.sum().item():.2f}")
    return x


def outer(x):
    return inner(x * 2)


print(outer(torch.tensor([0.1])))
print(outer(torch.tensor([1.0])))
