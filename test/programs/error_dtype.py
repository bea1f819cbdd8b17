# Operations that a dtype does not have.
import torch

i = torch.tensor([1, 2])
for action in (lambda: torch.ones(2, 2) @ torch.ones(2, 2).double(), lambda: i.softmax(0), lambda: i & torch.tensor([1.0, 2.0]),
               lambda: torch.tensor([True]) - torch.tensor([True]), lambda: -torch.tensor([True])):
    try:
        action()
    except (RuntimeError, TypeError) as error:
        print(type(error).__name__, str(error).split("\n")[0])
