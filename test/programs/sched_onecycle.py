# OneCycleLR and CyclicLR.
import torch

w = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
for step in range(10):
    group = optimizer.param_groups[0]
    print(step, f"{group['lr']:.5f} {group['momentum']:.5f}")
    optimizer.step()
    if step < 9:
        scheduler.step()
