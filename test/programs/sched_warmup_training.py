# Warm-up and decay within a training loop.
import torch

w = torch.tensor([4.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.4)
warmup = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
decay = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [warmup, decay], milestones=[3])
for epoch in range(8):
    optimizer.zero_grad()
    loss = (w ** 2).sum()
    loss.backward()
    optimizer.step()
    print(f"{epoch} lr={scheduler.get_last_lr()[0]:.4f} loss={loss.item():.6f}")
    scheduler.step()
