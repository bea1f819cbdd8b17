# Adam and AdamW with their options.
import torch


def run(kind, **options):
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = kind([w], **options)
    for _ in range(10):
        optimizer.zero_grad()
        (w ** 4).sum().backward()
        optimizer.step()
    return w.detach()


print(run(torch.optim.Adam))
print(run(torch.optim.Adam, lr=0.1))
print(run(torch.optim.Adam, lr=0.1, betas=(0.5, 0.9), eps=1e-4))
print(run(torch.optim.Adam, lr=0.1, weight_decay=0.1))
print(run(torch.optim.Adam, lr=0.1, amsgrad=True))
print(run(torch.optim.AdamW, lr=0.1))
print(run(torch.optim.AdamW, lr=0.1, weight_decay=0.5))
