# RMSprop, Adagrad, Adadelta, Adamax, NAdam, RAdam, Rprop, ASGD.
import torch


def run(kind, **options):
    w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    optimizer = kind([w], **options)
    for _ in range(8):
        optimizer.zero_grad()
        ((w - 0.3) ** 2).sum().backward()
        optimizer.step()
    return w.detach()


print(run(torch.optim.RMSprop, lr=0.05))
print(run(torch.optim.RMSprop, lr=0.05, momentum=0.5, centered=True, alpha=0.9))
print(run(torch.optim.Adagrad, lr=0.3))
print(run(torch.optim.Adagrad, lr=0.3, lr_decay=0.1, initial_accumulator_value=0.1))
print(run(torch.optim.Adadelta))
print(run(torch.optim.Adamax, lr=0.1))
print(run(torch.optim.NAdam, lr=0.1))
print(run(torch.optim.RAdam, lr=0.1))
print(run(torch.optim.Rprop, lr=0.1))
print(run(torch.optim.ASGD, lr=0.1))
