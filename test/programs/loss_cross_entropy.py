# Cross entropy in its forms.
# record: logits.grad
import torch
from torch import nn
import torch.nn.functional as F

logits = torch.tensor([[2.0, 0.5, -1.0], [0.1, 0.2, 0.3], [1.0, 3.0, 0.0]], requires_grad=True)
target = torch.tensor([0, 2, 1])
loss = nn.CrossEntropyLoss()(logits, target)
print(loss)
loss.backward()
print(logits.grad)
print(F.nll_loss(F.log_softmax(logits, dim=1), target))
print(nn.CrossEntropyLoss(reduction="none")(logits, target))
print(nn.CrossEntropyLoss(weight=torch.tensor([1., 2., 3.]))(logits, target))
print(nn.CrossEntropyLoss(label_smoothing=0.1)(logits, target))
print(nn.CrossEntropyLoss(ignore_index=2)(logits, target))
print(F.cross_entropy(logits, torch.softmax(torch.eye(3), dim=1)))
by_hand = -logits.softmax(1)[torch.arange(3), target].log().mean()
print(torch.allclose(loss, by_hand))
