# Losses between numbers.
import torch
from torch import nn

prediction = torch.tensor([0.5, -1.0, 3.0], requires_grad=True)
target = torch.tensor([1.0, -1.5, 0.0])
for loss_fn in (nn.MSELoss(), nn.MSELoss(reduction="sum"), nn.L1Loss(), nn.SmoothL1Loss(), nn.SmoothL1Loss(beta=0.5), nn.HuberLoss(delta=2.0),
                nn.MSELoss(reduction="none"), nn.PoissonNLLLoss()):
    loss = loss_fn(prediction, target)
    (gradient,) = torch.autograd.grad(loss.sum(), prediction)
    print(loss_fn, loss.detach(), gradient)
