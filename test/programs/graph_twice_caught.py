# The same error, caught and printed.
import torch

w = torch.tensor([3.], requires_grad=True)
y = w ** 2
y.backward()
try:
    y.backward()
except RuntimeError as error:
    print(type(error).__name__)
    print(error)
print(w.grad)
