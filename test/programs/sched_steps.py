# StepLR, MultiStepLR and ExponentialLR.
import torch
from torch.optim.lr_scheduler import ExponentialLR, MultiStepLR, StepLR


def rates(make, n=8):
    w = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=1.0)
    scheduler = make(optimizer)
    out = []
    for _ in range(n):
        out.append(round(scheduler.get_last_lr()[0], 6))
        optimizer.step()
        scheduler.step()
    return out


print(rates(lambda o: StepLR(o, step_size=3, gamma=0.1)))
print(rates(lambda o: MultiStepLR(o, milestones=[2, 5], gamma=0.5)))
print(rates(lambda o: ExponentialLR(o, gamma=0.9)))
