# A student learns from the soft outputs of a teacher.
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(24)
teacher = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3))
student = nn.Linear(2, 3)
x = torch.randn(20, 2)
with torch.no_grad():
    soft = F.softmax(teacher(x) / 2.0, dim=1)
optimizer = torch.optim.SGD(student.parameters(), lr=0.5)
for step in range(41):
    loss = F.kl_div(F.log_softmax(student(x) / 2.0, dim=1), soft, reduction="batchmean")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(step, f"{loss.item():.4f}")
print(all(p.grad is None for p in teacher.parameters()))
