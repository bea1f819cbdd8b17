import torch
import torch.nn as nn

torch.manual_seed(0)
n = 200
X = torch.cat([torch.randn(n, 2) + torch.tensor([2., 1.]), torch.randn(n, 2) - 1.])
y = torch.cat([torch.ones(n), torch.zeros(n)])
perm = torch.randperm(len(X))
X, y = X[perm], y[perm]
split = int(0.8 * len(X))
X_train, X_test = X[:split], X[split:]
y_train, y_test = y[:split], y[split:]
mu, sd = X_train.mean(dim=0, keepdim=True), X_train.std(dim=0, keepdim=True)
X_train, X_test = (X_train - mu) / sd, (X_test - mu) / sd


class LogisticRegression(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.linear = nn.Linear(n_features, 1)

    def forward(self, x):
        return self.linear(x).squeeze(-1)


model = LogisticRegression(2)
with torch.no_grad():
    model.linear.weight.zero_()
    model.linear.bias.fill_(0.)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=10)
history = []
for epoch in range(5):
    def closure():
        optimizer.zero_grad()
        loss = criterion(model(X_train), y_train) + 1e-2 * sum((p ** 2).sum() for p in model.parameters())
        loss.backward()
        return loss
    loss = optimizer.step(closure)
    history.append(loss.item())
print(' -> '.join(f'{h:.4f}' for h in history))
model.eval()
with torch.inference_mode():
    prob = torch.sigmoid(model(X_test))
    pred = (prob >= 0.5).long()
    tp = ((pred == 1) & (y_test == 1)).sum().item()
    fp = ((pred == 1) & (y_test == 0)).sum().item()
    fn = ((pred == 0) & (y_test == 1)).sum().item()
    tn = torch.logical_and(pred == 0, y_test == 0).sum().item()
print(f"confusion: tp={tp} fp={fp} fn={fn} tn={tn}")
print(f"precision {tp / (tp + fp):.2%}, recall {tp / (tp + fn):.2%}")
print('weights', [round(w, 3) for w in model.linear.weight.view(-1).tolist()])
