# What made each tensor.
import torch

x = torch.tensor([1., 2., 3.], requires_grad=True)
for y in [x + 1, x - 1, x * 2, x / 2, -x, x ** 2, x.exp(), x.log(), x.sin(), x.sqrt(), x.sum(), x.mean(), x.max(),
          x.relu(), x.sigmoid(), x.tanh(), x[0], x[:2], x.view(3, 1), x.reshape(1, 3), x.unsqueeze(0), x.abs(),
          torch.cat([x, x]), torch.stack([x, x]), x.clone(), x.norm(), x.prod(), x @ x, x.softmax(0), x.cumsum(0)]:
    print(y.grad_fn)
