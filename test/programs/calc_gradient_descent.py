# Steps down a parabola at several rates.
import torch


def descend(lr, steps):
    x = torch.tensor([2.], requires_grad=True)
    for _ in range(steps):
        y = torch.pow(2 * x, 2)
        y.backward()
        x.data.sub_(lr * x.grad)
        x.grad.zero_()
    return x.item(), y.item()


for lr in (0.01, 0.1, 0.125, 0.2, 0.3):
    x, y = descend(lr, 4)
    print(f"lr {lr}: x {x:9.4f} y {y:9.4f}")
