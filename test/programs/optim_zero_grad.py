# zero_grad sets gradients to None, or to zero when asked.
import torch

w = torch.tensor([1.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
(w * 2).backward()
print(w.grad)
optimizer.zero_grad(set_to_none=False)
print(w.grad)
(w * 2).backward()
optimizer.zero_grad()
print(w.grad)
optimizer.step()
print(w)
