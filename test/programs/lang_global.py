# Globals, shadowing, late binding.
import torch

lr = 0.1
calls = 0


def update(w):
    global calls
    calls += 1
    return w - lr * 2 * w


def shadow():
    lr = 5
    return lr


w = torch.tensor(1.0)
for _ in range(3):
    w = update(w)
lr = 0.5
w = update(w)
print(f"{w.item():.4f}", calls, shadow(), lr)
print([name for name in ("w", "lr", "nothing") if name in globals()])
