# A dual number: forward differentiation beside the backward one.
import torch


class Dual:
    def __init__(self, value, slope=0.0):
        self.value = value
        self.slope = slope

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    __radd__ = __add__

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    __rmul__ = __mul__

    def __neg__(self):
        return self * -1

    def __eq__(self, other):
        return self.value == other.value

    def __str__(self):
        return f"{self.value:.4f} + {self.slope:.4f}e"


def f(x):
    return x * x * x + 2 * x + 1


print(f(Dual(1.5, 1.0)), -Dual(1.0), Dual(1.0) == Dual(1.0))
x = torch.tensor(1.5, requires_grad=True)
f(x).backward()
print(f"{f(x).item():.4f} {x.grad.item():.4f}")
