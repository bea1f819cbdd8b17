import torch
import torch.nn as nn
import math

torch.manual_seed(0)
data = torch.cat([torch.randn(100) * 0.5 - 2, torch.randn(50) * 1.0 + 3])


class GMM(nn.Module):
    def __init__(self, k=2):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(k))
        self.mu = nn.Parameter(torch.linspace(-1, 1, k))
        self.log_sigma = nn.Parameter(torch.zeros(k))

    def log_prob(self, x):
        x = x.unsqueeze(-1)
        comp = -0.5 * ((x - self.mu) / self.log_sigma.exp()) ** 2 - self.log_sigma - 0.5 * math.log(2 * math.pi)
        return torch.logsumexp(torch.log_softmax(self.logits, -1) + comp, dim=-1)


model = GMM()
opt = torch.optim.Adam(model.parameters(), lr=0.05)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.99)
for step in range(121):
    opt.zero_grad()
    nll = -model.log_prob(data).mean()
    nll.backward()
    opt.step()
    sched.step()
    if step % 40 == 0:
        print(f"[{step:03d}] nll={nll.item():.4f} lr={opt.param_groups[0]['lr']:.5f}")
print("weights:", [f"{w:.2f}" for w in model.logits.softmax(0)])
print("means:  ", [f"{m:.2f}" for m in model.mu])
print("stds:   ", [f"{s:.2f}" for s in model.log_sigma.exp()])
