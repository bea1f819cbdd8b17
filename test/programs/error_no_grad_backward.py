# A graph that was never recorded.
import torch

w = torch.tensor([1.0], requires_grad=True)
with torch.no_grad():
    loss = (w * 2).sum()
print(loss)
loss.backward()
