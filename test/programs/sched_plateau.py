# ReduceLROnPlateau waits for a loss that stops falling.
import torch

w = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1.0)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=2)
for loss in [1.0, 0.9, 0.9, 0.9, 0.9, 0.95, 0.9, 0.5, 0.6, 0.6, 0.6]:
    scheduler.step(loss)
    print(loss, optimizer.param_groups[0]["lr"])
