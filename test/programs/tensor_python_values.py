# From tensors to Python's numbers and back.
import torch

x = torch.tensor([[1.5, 2.5], [3.5, 4.5]])
print(x.tolist(), x[0].tolist(), x[0, 0].item())
print(float(x[0, 0]), int(x[1, 1]), bool(x[0, 0]))
print(x.shape, x.size(), x.size(0), x.size(-1), tuple(x.shape), list(x.shape), x.shape[1])
print(x.dim(), x.ndim, x.numel(), x.nelement(), len(x))
rows, cols = x.shape
print(rows * cols, x.shape == (2, 2), x.shape == torch.Size([2, 2]))
print(torch.Size([2, 3]).numel(), torch.Size([1, 2]) + torch.Size([3]))
i = torch.tensor(3)
print([10, 20, 30, 40][i], list(range(i)), "ab" * 2)
print(isinstance(x, torch.Tensor), torch.is_tensor(3), type(x), x.device, x.layout)
print(x.element_size(), x.requires_grad, x.is_leaf)
