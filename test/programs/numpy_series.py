import numpy as np
import torch

t = np.linspace(0, 2 * np.pi, 20)
series = np.sin(t) + 0.1 * np.cos(3 * t)
windows = np.array([series[i:i + 4] for i in range(len(series) - 4)])
print(windows.shape, np.round(windows[0], 6), np.round(series[:3], 6))
scaled = (series - series.min()) / (series.max() - series.min())
print(scaled.min(), scaled.max(), np.round(scaled.mean(), 6), np.round((series - series.mean()) / series.std(), 3)[:4])
x = torch.tensor(windows, dtype=torch.float32)
y = torch.from_numpy(series[4:]).float()
print(x.shape, y.dtype, x.mean(), y.numpy().dtype, torch.FloatTensor(np.array([1.0, 2.0])) if False else '')
theta = torch.tensor([0.1, 0.2], requires_grad=True)
f = theta[0] * torch.sin(torch.from_numpy(t)) + theta[1]
f.sum().backward()
print(np.round(theta.grad.numpy(), 4) + 0.0, f.detach().numpy().shape, np.round(np.trapezoid(f.detach().numpy(), t), 5))
for step, (a, b) in enumerate(zip(np.arange(0, 0.3, 0.1), [1, 2, 3])):
    print(step, a, b, a * b)
grid = np.stack(np.meshgrid(np.linspace(-1, 1, 3), np.linspace(-1, 1, 2)), axis=-1)
print(grid.shape, grid.reshape(-1, 2))
