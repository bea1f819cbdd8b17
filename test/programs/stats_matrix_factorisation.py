# Filling a table from products of two factors.
import torch

torch.manual_seed(33)
R = torch.tensor([[5., 3., 0., 1.], [4., 0., 0., 1.], [1., 1., 0., 5.], [1., 0., 0., 4.], [0., 1., 5., 4.]])
mask = R > 0
U = (0.5 * torch.rand(5, 2)).requires_grad_()
V = (0.5 * torch.rand(4, 2)).requires_grad_()
optimizer = torch.optim.SGD([U, V], lr=0.02)
for epoch in range(401):
    error = (R - U @ V.T)[mask]
    loss = (error ** 2).sum() + 0.02 * (U.pow(2).sum() + V.pow(2).sum())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 100 == 0:
        print(epoch, f"{loss.item():.2f}")
print(mask.sum().item(), (U @ V.T).shape)
