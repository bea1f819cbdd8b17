# A small convolutional network: shapes along the way.
import torch
from torch import nn
import torch.nn.functional as F


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.conv2 = nn.Conv2d(4, 8, 3, stride=2, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(8 * 2 * 2, 3)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        print(x.shape)
        x = self.pool(x)
        print(x.shape)
        x = F.relu(self.conv2(x))
        print(x.shape)
        x = torch.flatten(x, 1)
        return self.fc(x)


torch.manual_seed(4)
net = CNN()
out = net(torch.linspace(-1, 1, 2 * 64).reshape(2, 1, 8, 8))
print(out.shape)
print(out)
loss = F.cross_entropy(out, torch.tensor([0, 2]))
loss.backward()
print(f"{loss.item():.4f}", f"{net.conv1.weight.grad.norm().item():.4f}")
print(net)
