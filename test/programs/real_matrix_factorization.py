import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader, random_split


class RatingsDataset(Dataset):
    def __init__(self, n_users, n_items, n):
        g = torch.Generator().manual_seed(7)
        self.users = torch.randint(0, n_users, (n,), generator=g)
        self.items = torch.randint(0, n_items, (n,), generator=g)
        pu = torch.randn(n_users, 2, generator=g)
        qi = torch.randn(n_items, 2, generator=g)
        self.ratings = (pu[self.users] * qi[self.items]).sum(1) + 3

    def __len__(self):
        return len(self.users)

    def __getitem__(self, idx):
        return {'user': self.users[idx], 'item': self.items[idx], 'rating': self.ratings[idx]}


class MF(nn.Module):
    def __init__(self, n_users, n_items, n_factors=4):
        super().__init__()
        self.user_factors = nn.Embedding(n_users, n_factors)
        self.item_factors = nn.Embedding(n_items, n_factors)
        self.user_bias = nn.Embedding(n_users, 1)
        self.item_bias = nn.Embedding(n_items, 1)
        for emb in (self.user_factors, self.item_factors):
            nn.init.normal_(emb.weight, std=0.1)
        self.user_bias.weight.data.fill_(0.)
        self.item_bias.weight.data.fill_(0.)
        self.mu = nn.Parameter(torch.tensor(3.0))

    def forward(self, u, i):
        dot = (self.user_factors(u) * self.item_factors(i)).sum(dim=-1)
        return dot + self.user_bias(u).squeeze(-1) + self.item_bias(i).squeeze() + self.mu


torch.manual_seed(0)
ds = RatingsDataset(12, 9, 160)
train, val = random_split(ds, [0.75, 0.25], generator=torch.Generator().manual_seed(42))
print(len(train), len(val), ds[3])
loader = DataLoader(train, batch_size=32, shuffle=True)
val_loader = DataLoader(val, batch_size=64)
model = MF(12, 9)
opt = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=1e-5)
best = float('inf')
patience, bad = 3, 0
for epoch in range(10):
    model.train()
    running = 0.0
    for batch in loader:
        pred = model(batch['user'], batch['item'])
        loss = nn.functional.mse_loss(pred, batch['rating'])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * batch['user'].shape[0]
    model.eval()
    with torch.no_grad():
        v = sum(nn.functional.mse_loss(model(b['user'], b['item']), b['rating'], reduction='sum').item() for b in val_loader) / len(val)
    if v < best:
        best, bad = v, 0
    else:
        bad += 1
    print(f"Epoch {epoch + 1}/{10} train {running / len(train):.3f} val {v:.3f}{' *' if bad == 0 else ''}")
    if bad >= patience:
        print("Early stopping!")
        break
