# Recursion.
import torch


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def power(x, n):
    """x to the n-th by halving."""
    if n == 0:
        return torch.ones_like(x)
    half = power(x, n // 2)
    return half * half * x if n % 2 else half * half


def tree(depth, x):
    if depth == 0:
        return x
    return tree(depth - 1, x * 2) + tree(depth - 1, x + 1)


x = torch.tensor(1.5, requires_grad=True)
print(fib(15))
y = power(x, 7)
y.backward()
print(f"{y.item():.4f} {x.grad.item():.4f} {7 * 1.5 ** 6:.4f}")
x.grad = None
t = tree(5, x)
t.backward()
print(t, x.grad)
