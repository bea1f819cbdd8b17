import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(128, 4)
y = (x @ torch.tensor([[1.0], [-2.0], [0.5], [1.5]]) > 0).float()


class Logistic(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 1)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))


model = Logistic()
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
for step in range(300):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
print(f"{loss.item():.3f}")
