import torch
import torch.nn as nn
from torch.cuda.amp import autocast, GradScaler


def fused_gelu(x):
    return x * 0.5 * (1.0 + torch.erf(x / 1.41421))


@torch.compile
def toy(a, b):
    x = a / (torch.abs(a) + 1)
    if b.sum() < 0:
        b = b * -1
    return x * b


print(fused_gelu(torch.tensor([0., 1.])))
print(toy(torch.tensor([1., -3.]), torch.tensor([-2., -1.])))
model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
torch.manual_seed(0)
for p in model.parameters():
    nn.init.normal_(p, std=0.3)
compiled = torch.compile(model)
x = torch.ones(3, 2)
print(torch.equal(model(x), compiled(x)))
use_amp = torch.cuda.is_available()
device_type = 'cuda' if use_amp else 'cpu'
scaler = GradScaler(enabled=use_amp)
opt = torch.optim.SGD(compiled.parameters(), lr=0.1)
for step in range(3):
    with torch.autocast(device_type=device_type, enabled=use_amp):
        loss = compiled(x).pow(2).mean()
    scaler.scale(loss).backward()
    scaler.step(opt)
    scaler.update()
    opt.zero_grad()
    print(f"{loss.item():.5f} {scaler.get_scale()}")
torch.set_float32_matmul_precision('high')
torch.backends.cuda.matmul.allow_tf32 = True
torch.set_num_threads(1)
print(torch.get_float32_matmul_precision(), torch.cuda.device_count(), torch.backends.mps.is_available())
try:
    x.to('cuda')
except (AssertionError, RuntimeError) as e:
    print('no cuda here')
d = torch.device('cpu')
print(d, d.type, x.device == d, str(d), next(model.parameters()).device)
torch.testing.assert_close(model(x), compiled(x))
try:
    torch.testing.assert_close(torch.tensor([1., 2.]), torch.tensor([1., 2.1]))
except AssertionError as e:
    print(e)
