# CosineAnnealingLR, LambdaLR, LinearLR and PolynomialLR.
import torch
from torch.optim import lr_scheduler


def rates(make, n=7):
    w = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.5)
    scheduler = make(optimizer)
    out = []
    for _ in range(n):
        out.append(f"{optimizer.param_groups[0]['lr']:.5f}")
        optimizer.step()
        scheduler.step()
    return " ".join(out)


print(rates(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=6, eta_min=0.05)))
print(rates(lambda o: lr_scheduler.LambdaLR(o, lr_lambda=lambda epoch: 0.95 ** epoch)))
print(rates(lambda o: lr_scheduler.LambdaLR(o, lambda e: min(1.0, (e + 1) / 4))))
print(rates(lambda o: lr_scheduler.LinearLR(o, start_factor=0.5, total_iters=4)))
print(rates(lambda o: lr_scheduler.PolynomialLR(o, total_iters=5, power=2)))
print(rates(lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=3)))
print(rates(lambda o: lr_scheduler.ConstantLR(o, factor=0.2, total_iters=3)))
