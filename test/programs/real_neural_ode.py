import torch
import torch.nn as nn

torch.manual_seed(0)
true_A = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])
t = torch.linspace(0., 3., 31)
y0 = torch.tensor([[2., 0.]])


def rk4_step(f, t, dt, y):
    k1 = f(t, y)
    k2 = f(t + dt / 2, y + dt * k1 / 2)
    k3 = f(t + dt / 2, y + dt * k2 / 2)
    k4 = f(t + dt, y + dt * k3)
    return y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def odeint(f, y0, ts):
    ys = [y0]
    for t0, t1 in zip(ts[:-1], ts[1:]):
        ys.append(rk4_step(f, t0, t1 - t0, ys[-1]))
    return torch.stack(ys, dim=0)


class Lambda(nn.Module):
    def forward(self, t, y):
        return torch.mm(y, true_A)


class ODEFunc(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
        for m in self.net.modules():
            if isinstance(m, nn.Linear):
                nn.init.normal_(m.weight, mean=0, std=0.1)
                nn.init.constant_(m.bias, val=0)

    def forward(self, t, y):
        return self.net(y)


with torch.no_grad():
    true_y = odeint(Lambda(), y0, t)
print(true_y.shape, true_y[-1])
func = ODEFunc()
optimizer = torch.optim.RMSprop(func.parameters(), lr=1e-2)
for itr in range(1, 11):
    s = torch.randperm(21)[:5]
    batch_y0 = true_y[s]
    batch_t = t[:6]
    batch_y = torch.stack([true_y[s + i] for i in range(6)], dim=0)
    optimizer.zero_grad()
    pred_y = odeint(func, batch_y0, batch_t)
    loss = torch.mean(torch.abs(pred_y - batch_y))
    loss.backward()
    optimizer.step()
    if itr % 5 == 0:
        with torch.no_grad():
            pred_y = odeint(func, y0, t)
            print('Iter {:04d} | Total Loss {:.4f}'.format(itr, torch.mean(torch.abs(pred_y - true_y)).item()))
