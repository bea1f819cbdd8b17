# Both factors of a product are saved for the backward pass.
import torch

w = torch.tensor([1.], requires_grad=True)
x = torch.tensor([2.], requires_grad=True)
a = torch.add(w, x)
b = torch.add(w, 1)
y = torch.mul(a, b)
a.mul_(2)
try:
    y.backward()
except RuntimeError as error:
    print(str(error).split(";")[0])
