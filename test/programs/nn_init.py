# Initialisation.
import torch
from torch import nn

torch.manual_seed(12)
w = torch.empty(3, 4)
print(nn.init.uniform_(w, -1, 1))
print(nn.init.normal_(w, mean=1, std=0.1))
print(nn.init.xavier_uniform_(w), nn.init.xavier_normal_(w))
print(nn.init.kaiming_uniform_(w, nonlinearity="relu"), nn.init.kaiming_normal_(w, mode="fan_out"))
print(nn.init.constant_(w, 0.5), nn.init.zeros_(w), nn.init.ones_(w), nn.init.eye_(torch.empty(2, 2)))
print(nn.init.calculate_gain("relu"), nn.init.calculate_gain("tanh"))


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.constant_(m.weight, 0.1)
        nn.init.zeros_(m.bias)


net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
net.apply(init_weights)
print(net(torch.ones(1, 2)))
