# What optimizers refuse.
import torch

w = torch.tensor([1.0], requires_grad=True)
for make in (
    lambda: torch.optim.SGD([], lr=0.1),
    lambda: torch.optim.SGD([w], lr=-1),
    lambda: torch.optim.SGD([w], lr=0.1, nesterov=True),
    lambda: torch.optim.Adam([w], betas=(1.5, 0.9)),
    lambda: torch.optim.SGD([w * 2], lr=0.1),
    lambda: torch.optim.SGD(w, lr=0.1),
):
    try:
        make()
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
