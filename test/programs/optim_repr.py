# How an optimizer prints, and what its state holds.
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
print(optimizer)
(w ** 2).sum().backward()
optimizer.step()
print(optimizer.state[w]["momentum_buffer"])
print(list(optimizer.state_dict().keys()), optimizer.defaults["momentum"])
