# record: model[0].weight
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.RandomState(1)
points = rng.randn(60, 2)
labels = (points[:, 0] * points[:, 1] > 0).astype(np.int64)
order = rng.permutation(len(points))
train, test = order[:40], order[40:]
torch.manual_seed(1)
data = TensorDataset(torch.tensor(points[train], dtype=torch.float32), torch.from_numpy(labels[train]))
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
history = []
for epoch in range(10):
    epoch_losses = []
    for xb, yb in DataLoader(data, batch_size=20, shuffle=True):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step()
        epoch_losses.append(loss.item())
    history.append(np.mean(epoch_losses))
print(np.round(np.array(history), 4))
with torch.no_grad():
    scores = model(torch.tensor(points[test]).float())
predicted = scores.argmax(dim=1).numpy()
accuracy = (predicted == labels[test]).mean()
print(predicted[:5], f'{accuracy:.2f}', type(accuracy), np.unique(labels[test], return_counts=True))
confusion = np.zeros((2, 2), dtype=int)
for t, p in zip(labels[test], predicted):
    confusion[t, p] += 1
print(confusion)


class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, i):
        return points[i].astype(np.float32), labels[i], np.float64(i) / 2


for x, y, half in DataLoader(Rows(), batch_size=2):
    print(x.dtype, x.shape, y, half)
