# A portfolio under a penalty on variance; weights by softmax.
import torch

mean = torch.tensor([0.08, 0.12, 0.05], dtype=torch.float64)
cov = torch.tensor([[0.04, 0.01, 0.0], [0.01, 0.09, 0.0], [0.0, 0.0, 0.01]], dtype=torch.float64)
logits = torch.zeros(3, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.Adam([logits], lr=0.05)
for step in range(301):
    w = torch.softmax(logits, dim=0)
    utility = w @ mean - 2.0 * (w @ cov @ w)
    optimizer.zero_grad()
    (-utility).backward()
    optimizer.step()
    if step % 100 == 0:
        print(step, f"{utility.item():.5f}", [round(v, 3) for v in w.tolist()])
