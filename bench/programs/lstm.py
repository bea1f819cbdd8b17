import torch
from torch import nn

torch.manual_seed(0)
lstm = nn.LSTM(8, 16, batch_first=True)
head = nn.Linear(16, 1)
optimizer = torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=0.01)
x = torch.randn(4, 10, 8)
y = x.sum(dim=(1, 2)).unsqueeze(1)
for step in range(20):
    output, _ = lstm(x)
    loss = ((head(output[:, -1]) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"{loss.item():.2f}")
