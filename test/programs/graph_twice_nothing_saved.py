# An addition saves nothing, so that there is nothing to be gone.
import torch

w = torch.tensor([3.], requires_grad=True)
y = w + 2
y.backward()
y.backward()
print(w.grad)
