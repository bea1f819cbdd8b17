# Arithmetic of integers.
import torch

a = torch.tensor([7, -7, 6, -6])
b = torch.tensor([2, 2, -4, -4])
print(a + b, a * b, a - b)
print(a // b, a % b, torch.div(a, b, rounding_mode="trunc"), torch.div(a, b, rounding_mode="floor"))
print(a / b)
print(a ** 2, 2 ** torch.arange(5), -a, abs(a))
print(a & 3, a | 8, a ^ 5, ~a, a << 1, a >> 1)
print(torch.gcd(a, b), torch.bitwise_and(a, b), (a > 0).int())
print(torch.tensor(2**62) * 2, torch.tensor([2**31 - 1], dtype=torch.int32) + 1)
try:
    print(a // torch.tensor([0, 1, 1, 1]))
except RuntimeError as error:
    print(error)
