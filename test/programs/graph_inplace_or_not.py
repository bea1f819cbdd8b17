# a += 1 keeps the object, a = a + 1 makes another.
import torch

a = torch.ones((1,))
first = a
a = a + torch.ones((1,))
print(a, first, a is first)
b = torch.ones((1,))
second = b
b += torch.ones((1,))
print(b, second, b is second)
