# Closures, nonlocal and generators.
import torch


def counter():
    count = 0

    def tick(x):
        nonlocal count
        count += 1
        return x + count

    return tick


def powers(x, n):
    p = torch.ones_like(x)
    for _ in range(n):
        yield p
        p = p * x


tick = counter()
x = torch.tensor([1., 2.])
print(tick(x), tick(x), tick(x))
for i, p in enumerate(powers(x, 4)):
    print(i, p)
print(sum(powers(x, 3)))
print(next(powers(x, 1)))
fns = [lambda t, k=k: t * k for k in range(3)]
print([f(x).sum().item() for f in fns])
