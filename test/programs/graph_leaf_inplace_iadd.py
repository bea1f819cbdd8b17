# The operator += is in place, too.
import torch

w = torch.ones(3, requires_grad=True)
try:
    w += 1
except RuntimeError as error:
    print(error)
w = w + 1
print(w)
