import torch

total = 0
for start in range(1, 60):
    x = torch.tensor(float(start))
    while x.item() > 1.0001:
        x = torch.where(x > 2, x / 2, x.sqrt())
        total += 1
n = torch.tensor(27)
while n != 1:
    n = n // 2 if n % 2 == 0 else 3 * n + 1
    total += 1
print(total)
