# Layers that learn their sizes from their first input.
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.LazyConv2d(3, 2), nn.LazyBatchNorm2d(), nn.ReLU(), nn.LazyConvTranspose2d(2, 2), nn.LazyInstanceNorm2d(), nn.Flatten(),
    nn.LazyLinear(2),
)
print(model)
print(model[6].has_uninitialized_params(), isinstance(model[6], nn.Linear))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(2, 1, 3, 3)
print(model(x))
print(model)
print([tuple(p.shape) for p in model.parameters()])
for _ in range(3):
    optimizer.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    optimizer.step()
    print(f'{loss.item():.4f}')
fresh = nn.LazyLinear(3)
fresh.load_state_dict(nn.Linear(4, 3).state_dict())
print(fresh(torch.ones(1, 4)).shape)
norm = nn.LazyBatchNorm1d()
print(norm(torch.tensor([[1.0, 2.0], [3.0, 5.0]])), norm.running_mean)
nn.LazyConv2d(3, 2)(torch.ones(3))
