import torch
import torch.nn as nn

torch.manual_seed(0)
X = torch.randn(80, 2)
Y = torch.where(X[:, 0] + 0.5 * X[:, 1] > 0, 1.0, -1.0)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
c = 0.01
for epoch in range(10):
    perm = torch.randperm(len(Y))
    sum_loss = 0.
    for i in range(0, len(Y), 10):
        xb, yb = X[perm[i:i + 10]], Y[perm[i:i + 10]]
        optimizer.zero_grad()
        output = model(xb).squeeze()
        weight = model.weight.squeeze()
        loss = torch.mean(torch.clamp(1 - yb * output, min=0))
        loss += c * (weight.t() @ weight) / 2.0
        loss.backward()
        optimizer.step()
        sum_loss += float(loss)
    if epoch % 3 == 0:
        print("Epoch: {:4d}\tloss: {:.4f}".format(epoch, sum_loss / 8))
pred = torch.sign(model(X).squeeze())
acc = (pred == Y).sum().float() / len(Y)
print("accuracy > 0.9:", acc.item() > 0.9)
W = model.weight.squeeze().detach().cpu()
margin = 2 / W.norm()
print(f"margin {margin:.3f}")
sv = ((Y * model(X).squeeze()) <= 1).nonzero().flatten()
print(sv.numel() < len(Y), sv.dtype)


class LinearSVM(nn.Module):
    def __init__(self, n_classes=3):
        super().__init__()
        self.fc = nn.Linear(2, n_classes)
        self.loss = nn.MultiMarginLoss(margin=1.0)

    def forward(self, x, y=None):
        out = self.fc(x)
        return out if y is None else (out, self.loss(out, y))


svm = LinearSVM()
labels = torch.bucketize(X[:, 0], torch.tensor([-0.5, 0.5]))
print(torch.bincount(labels))
opt = torch.optim.Adam(svm.parameters(), 0.05, weight_decay=1e-3)
for _ in range(40):
    _, l = svm(X, labels)
    opt.zero_grad(); l.backward(); opt.step()
print(f"{l.item():.4f}")
conf = torch.zeros(3, 3, dtype=torch.int64)
for t, p in zip(labels, svm(X).argmax(1)):
    conf[t, p] += 1
print(conf.sum(), conf.diagonal().sum() > 60)
