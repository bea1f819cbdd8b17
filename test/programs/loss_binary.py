# Binary cross entropy from probabilities and from logits.
import torch
from torch import nn
import torch.nn.functional as F

z = torch.tensor([0.3, -1.2, 2.5, 0.0], requires_grad=True)
t = torch.tensor([1., 0., 1., 1.])
print(nn.BCELoss()(torch.sigmoid(z), t))
print(nn.BCEWithLogitsLoss()(z, t))
print(nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))(z, t))
print(F.binary_cross_entropy(torch.sigmoid(z), t, weight=torch.tensor([1., 2., 3., 4.]), reduction="sum"))
loss = F.binary_cross_entropy_with_logits(z, t)
loss.backward()
print(z.grad, (torch.sigmoid(z) - t).detach() / 4)
print(nn.BCELoss()(torch.tensor([0., 1.]), torch.tensor([1., 0.])))
try:
    nn.BCELoss()(torch.tensor([1.5]), torch.tensor([1.]))
except RuntimeError as error:
    print(error)
