# Only a single element is a number.
import torch

x = torch.tensor([1., 2.])
for action in (lambda: x.item(), lambda: float(x), lambda: bool(x), lambda: int(x), lambda: bool(torch.tensor([]))):
    try:
        print(action())
    except (RuntimeError, ValueError, TypeError) as error:
        print(type(error).__name__ + ":", error)
print(bool(torch.tensor([0.0])), bool(torch.tensor([[2]])))
