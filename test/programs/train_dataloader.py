# TensorDataset and DataLoader without shuffling.
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

x = torch.linspace(-1, 1, 10).unsqueeze(1)
y = 3 * x - 0.5
dataset = TensorDataset(x, y)
print(len(dataset), dataset[0])
loader = DataLoader(dataset, batch_size=4, shuffle=False)
print(len(loader))
model = nn.Linear(1, 1)
with torch.no_grad():
    model.weight.fill_(0.0)
    model.bias.fill_(0.0)
optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
for epoch in range(30):
    total = 0.0
    for batch, (inputs, targets) in enumerate(loader):
        if epoch == 0:
            print(batch, inputs.shape)
        loss = nn.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(inputs)
    if epoch % 10 == 0:
        print(f"epoch {epoch} loss {total / len(dataset):.5f}")
print(f"{model.weight.item():.2f} {model.bias.item():.2f}")
