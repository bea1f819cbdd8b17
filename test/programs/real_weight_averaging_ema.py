import copy
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
ema = copy.deepcopy(net).eval().requires_grad_(False)


@torch.no_grad()
def update_ema(ema_model, model, decay=0.9):
    for e, p in zip(ema_model.parameters(), model.parameters()):
        e.mul_(decay).add_(p, alpha=1 - decay)
    for e, b in zip(ema_model.buffers(), model.buffers()):
        e.copy_(b)


def soft_update(target, source, tau):
    for target_param, param in zip(target.parameters(), source.parameters()):
        target_param.data.copy_(target_param.data * (1.0 - tau) + param.data * tau)


x = torch.randn(32, 3)
y = x.sum(1, keepdim=True)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for step in range(30):
    loss = nn.functional.mse_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    update_ema(ema, net)
print(f"{loss.item():.4f}", all(not p.requires_grad for p in ema.parameters()), ema.training)
target = copy.deepcopy(net)
soft_update(target, net, 0.5)
print(all(torch.equal(a, b) for a, b in zip(target.parameters(), net.parameters())))
params = list(net.parameters())
vec = torch.cat([p.detach().flatten() for p in params])
print(vec.shape, vec.numel() == sum(map(torch.Tensor.numel, params)))
state = {k: v.clone() for k, v in net.state_dict().items()}
snapshots = [state, {k: v + 1 for k, v in state.items()}]
avg = {k: torch.stack([s[k] for s in snapshots]).mean(0) for k in snapshots[0]}
net.load_state_dict(avg)
print(torch.allclose(net[0].bias, state['0.bias'] + 0.5))
# freeze all but the last layer
for name, param in net.named_parameters():
    if not name.startswith('2'):
        param.requires_grad = False
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=1e-3)
before = net[0].weight.clone()
net(x).mean().backward()
optimizer.step()
print(torch.equal(before, net[0].weight), net[0].weight.grad, net[2].bias.grad)
for i, (g, lr) in enumerate(zip([net[0], net[2]], [1e-4, 1e-3])):
    print(i, type(g).__name__, f'{lr:g}')
