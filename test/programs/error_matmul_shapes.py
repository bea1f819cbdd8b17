# Matrices that cannot be multiplied.
import torch

a = torch.ones(2, 3)
b = torch.ones(4, 5)
for action in (lambda: a @ b, lambda: torch.mm(a, b), lambda: torch.dot(a[0], b[0]), lambda: a @ torch.ones(4), lambda: torch.bmm(a, b)):
    try:
        action()
    except RuntimeError as error:
        print(error)
