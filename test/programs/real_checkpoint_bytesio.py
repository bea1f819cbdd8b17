import io
import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(16, 4), torch.randn(16, 2)


def train(model, optimizer, n):
    for _ in range(n):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


train(model, optimizer, 5)
buffer = io.BytesIO()
torch.save({'epoch': 5, 'model_state_dict': model.state_dict(), 'optimizer_state_dict': optimizer.state_dict()}, buffer)
a = train(model, optimizer, 5)
buffer.seek(0)
checkpoint = torch.load(buffer, weights_only=True)
model2 = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
opt2 = torch.optim.Adam(model2.parameters(), lr=1e-2)
model2.load_state_dict(checkpoint['model_state_dict'])
opt2.load_state_dict(checkpoint['optimizer_state_dict'])
b = train(model2, opt2, 5)
print(checkpoint['epoch'], list(checkpoint['model_state_dict'].keys()))
print(a == b)
buf = io.BytesIO()
t = torch.arange(5)
torch.save(t, buf)
t += 1
buf.seek(0)
print(torch.load(buf), t)
