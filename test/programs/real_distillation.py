import copy
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(5)
X = torch.randn(128, 4)
Y = (X[:, 0] * X[:, 1] > 0).long() + (X[:, 2] > 1).long()
teacher = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 3))
student = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
scratch = copy.deepcopy(student)
print(sum(p.numel() for p in teacher.parameters()), sum(p.numel() for p in student.parameters()))


def accuracy(m):
    m.eval()
    with torch.no_grad():
        return (m(X).argmax(1) == Y).float().mean().item() * 100


opt = torch.optim.Adam(teacher.parameters(), 1e-2)
for _ in range(60):
    opt.zero_grad()
    F.cross_entropy(teacher(X), Y).backward()
    opt.step()
teacher.eval()
for p in teacher.parameters():
    p.requires_grad_(False)


def kd_loss(s, t, labels, T=3.0, alpha=0.7):
    soft = nn.KLDivLoss(reduction="batchmean")(F.log_softmax(s / T, dim=1), F.softmax(t / T, dim=1)) * (T * T)
    hard = F.cross_entropy(s, labels, label_smoothing=0.1)
    return alpha * soft + (1. - alpha) * hard


opt = torch.optim.Adam(student.parameters(), 1e-2)
for i in range(40):
    loss = kd_loss(student(X), teacher(X), Y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if i % 13 == 0:
        print(f"step {i}, kd loss {loss.item():.4f}")
opt2 = torch.optim.Adam(scratch.parameters(), 1e-2)
for _ in range(40):
    l = F.cross_entropy(scratch(X), Y)
    opt2.zero_grad(); l.backward(); opt2.step()
print(accuracy(student) > 60, accuracy(scratch) > 60, all(p.grad is None for p in teacher.parameters()))
print(torch.equal(student[0].weight, scratch[0].weight))
