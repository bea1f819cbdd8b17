# Dimensions that are not there.
import torch

x = torch.ones(2, 3)
for action in (lambda: x.sum(dim=2), lambda: x.unsqueeze(4), lambda: x.transpose(0, 3), lambda: x.softmax(-3), lambda: x[0, 0, 0], lambda: x[2]):
    try:
        action()
    except IndexError as error:
        print(error)
