# SGD and its options.
import torch


def run(**options):
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = torch.optim.SGD([w], **options)
    for _ in range(5):
        optimizer.zero_grad()
        loss = (w ** 2 * torch.tensor([1.0, 3.0])).sum()
        loss.backward()
        optimizer.step()
    return w.detach()


print(run(lr=0.1))
print(run(lr=0.1, momentum=0.9))
print(run(lr=0.1, momentum=0.9, nesterov=True))
print(run(lr=0.1, momentum=0.9, dampening=0.5))
print(run(lr=0.1, weight_decay=0.1))
print(run(lr=0.05, maximize=True))
