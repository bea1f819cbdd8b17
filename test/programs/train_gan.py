# A generator and a discriminator, trained in turns.
import torch
from torch import nn

torch.manual_seed(17)
G = nn.Linear(1, 1)
D = nn.Sequential(nn.Linear(1, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
opt_g = torch.optim.Adam(G.parameters(), lr=0.02)
opt_d = torch.optim.Adam(D.parameters(), lr=0.02)
bce = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(16, 1), torch.zeros(16, 1)
for step in range(60):
    real = 3 + 0.5 * torch.randn(16, 1)
    fake = G(torch.randn(16, 1))
    d_loss = bce(D(real), ones) + bce(D(fake.detach()), zeros)
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()
    g_loss = bce(D(fake), ones)
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()
    if step % 20 == 0:
        print(f"{step}: D {d_loss.item():.3f} G {g_loss.item():.3f}")
print(f"bias {G.bias.item():.2f}")
