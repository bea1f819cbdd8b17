# Conversions that lose the graph.
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * 2
print(y.detach().tolist(), y[0].item())
try:
    y.numpy()
except RuntimeError as error:
    print(error)
import copy

try:
    copy.deepcopy(y)
except RuntimeError as error:
    print(str(error).split(".")[0])
print(copy.deepcopy(x))
