# Averages of weights: stochastic weight averaging, moving averages, and its schedule.
import torch
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn, update_bn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
averaged = AveragedModel(model)
moving = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
schedule = SWALR(optimizer, swa_lr=0.05, anneal_epochs=3)
x, y = torch.randn(8, 2), torch.randn(8, 1)
for step in range(6):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    averaged.update_parameters(model)
    moving.update_parameters(model)
    schedule.step()
    print(step, f'{loss.item():.4f}', [f'{lr:.4f}' for lr in schedule.get_last_lr()])
print(averaged, averaged.n_averaged)
print(averaged.module[0].weight, moving.module[0].weight)
update_bn([x[:4], x[4:]], averaged)
print(averaged.module[1].running_mean, averaged.module[1].num_batches_tracked)
averaged.eval()
print(averaged(x[:2]))
linear = SWALR(torch.optim.SGD(model.parameters(), lr=0.1), 0.5, anneal_epochs=2, anneal_strategy='linear')
for _ in range(3):
    linear.step()
    print(linear.get_last_lr())
try:
    SWALR(optimizer, 0.1, anneal_strategy='x')
except ValueError as e:
    print(e)
SWALR(optimizer, 0.1, anneal_epochs=-1)
