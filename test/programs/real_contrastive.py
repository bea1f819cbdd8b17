import torch
import torch.nn as nn
import torch.nn.functional as F


class SimCLRLoss(nn.Module):
    def __init__(self, temperature=0.5):
        super().__init__()
        self.temperature = temperature

    def forward(self, z_i, z_j):
        n = z_i.size(0)
        z = F.normalize(torch.cat([z_i, z_j], dim=0), p=2, dim=1)
        sim = torch.mm(z, z.t()) / self.temperature
        mask = torch.eye(2 * n, dtype=torch.bool, device=z.device)
        sim.masked_fill_(mask, -9e15)
        targets = torch.cat([torch.arange(n, 2 * n), torch.arange(n)]).to(z.device)
        return F.cross_entropy(sim, targets)


torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
x = torch.randn(10, 8)
opt = torch.optim.SGD(encoder.parameters(), lr=0.5, momentum=0.9, nesterov=True)
crit = SimCLRLoss()
for epoch in range(12):
    loss = crit(encoder(x + 0.1 * torch.randn_like(x)), encoder(x + 0.1 * torch.randn_like(x)))
    opt.zero_grad(); loss.backward(); opt.step()
    if epoch % 4 == 0:
        print(f"{epoch}: {loss.item():.4f}")

anchor = torch.randn(6, 4, requires_grad=True)
positive = torch.randn(6, 4, requires_grad=True)
negative = torch.randn(6, 4, requires_grad=True)
triplet = nn.TripletMarginLoss(margin=1.0, p=2)
out = triplet(anchor, positive, negative)
out.backward()
print(out)
print(anchor.grad[0])
d_ap = F.pairwise_distance(anchor, positive)
d_an = F.pairwise_distance(anchor, negative)
manual = F.relu(d_ap - d_an + 1.0).mean()
torch.testing.assert_close(manual, out)


def contrastive_loss(a, b, label, margin=2.0):
    d = (a - b).pow(2).sum(1).sqrt()
    return torch.mean((1 - label) * torch.pow(d, 2) + label * torch.pow(torch.clamp(margin - d, min=0.0), 2))


label = torch.tensor([0, 1, 0, 1, 1, 0])
print(contrastive_loss(anchor, positive, label))
print(F.cosine_embedding_loss(anchor, positive, 1 - 2 * label))
print(nn.CosineSimilarity(dim=1, eps=1e-6)(anchor, positive).shape)
