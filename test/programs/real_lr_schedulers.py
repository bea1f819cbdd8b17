import math
import torch
from torch import nn, optim
from torch.optim import lr_scheduler


def make():
    p = nn.Parameter(torch.zeros(1))
    return p, optim.SGD([p], lr=0.1)


def run(make_sched, n=8):
    p, opt = make()
    sched = make_sched(opt)
    out = []
    for _ in range(n):
        p.grad = torch.ones(1)
        opt.step()
        out.append(opt.param_groups[0]['lr'])
        sched.step()
    return ' '.join(f'{v:.4f}' for v in out)


schedules = {
    'step': lambda o: lr_scheduler.StepLR(o, step_size=3, gamma=0.5),
    'multistep': lambda o: lr_scheduler.MultiStepLR(o, milestones=[2, 5], gamma=0.1),
    'exp': lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    'cosine': lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=8),
    'warm restarts': lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2),
    'lambda': lambda o: lr_scheduler.LambdaLR(o, lr_lambda=lambda e: min(1.0, (e + 1) / 4)),
    'linear': lambda o: lr_scheduler.LinearLR(o, start_factor=0.25, total_iters=4),
    'poly': lambda o: lr_scheduler.PolynomialLR(o, total_iters=6, power=2),
    'cyclic': lambda o: lr_scheduler.CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=3),
    'onecycle': lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=9),
    'sequential': lambda o: lr_scheduler.SequentialLR(o, [
        lr_scheduler.ConstantLR(o, factor=0.1, total_iters=2), lr_scheduler.ExponentialLR(o, gamma=0.8)], milestones=[3]),
}
for name, s in schedules.items():
    print(f'{name:>14}: {run(s)}')

p, opt = make()
plateau = lr_scheduler.ReduceLROnPlateau(opt, mode='min', factor=0.5, patience=1, threshold=1e-3)
for v in [1.0, 0.9, 0.9, 0.9, 0.9, 0.8, 0.85, 0.84]:
    plateau.step(v)
    print(v, opt.param_groups[0]['lr'], plateau.num_bad_epochs)


def get_cosine_schedule_with_warmup(optimizer, warmup, total):
    def lr_lambda(step):
        if step < warmup:
            return float(step) / float(max(1, warmup))
        progress = float(step - warmup) / float(max(1, total - warmup))
        return max(0.0, 0.5 * (1.0 + math.cos(math.pi * progress)))
    return lr_scheduler.LambdaLR(optimizer, lr_lambda)


print(run(lambda o: get_cosine_schedule_with_warmup(o, 2, 8)))
model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
opt = optim.Adam([
    {'params': model[0].parameters(), 'lr': 1e-4},
    {'params': model[1].parameters()},
], lr=1e-3, weight_decay=1e-4)
sched = lr_scheduler.StepLR(opt, 1, gamma=0.1)
print(sched.get_last_lr(), len(opt.param_groups))
opt.step(); sched.step()
print([f"{g['lr']:.0e}" for g in opt.param_groups], sched.last_epoch)
state = sched.state_dict()
print(state['last_epoch'], state['gamma'])
opt.add_param_group({'params': [nn.Parameter(torch.zeros(2))], 'lr': 0.5})
print(opt)
