"""Weights as lengths and directions, and weights divided by their largest singular value: what both ways of it share."""
import torch
import torch.nn.functional as F


def norm_except_dim(value, dim):
    """The length of each slice along `dim`, or of the whole where it is -1 or None."""
    if dim is None or dim == -1:
        return torch.linalg.vector_norm(value)
    others = [d for d in range(value.dim()) if d != dim]
    return torch.linalg.vector_norm(value, dim=others, keepdim=True) if others else value.abs()


def with_norm(direction, length, dim):
    return direction * (length / norm_except_dim(direction, dim))


class PowerIteration:
    """The largest singular value of a matrix by the vectors that belong to it, which it makes better each time."""

    def __init__(self, n_power_iterations=1, dim=0, eps=1e-12):
        if n_power_iterations <= 0:
            raise ValueError(
                f'Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}'
            )
        self.n_power_iterations = n_power_iterations
        self.dim = dim
        self.eps = eps

    def matrix(self, weight):
        if self.dim != 0:
            weight = weight.transpose(0, self.dim)
        return weight.reshape(weight.size(0), -1)

    def begin(self, weight):
        """Random vectors for a matrix."""
        rows, columns = weight.shape
        u = F.normalize(torch.empty(rows, dtype=weight.dtype).normal_(0, 1), dim=0, eps=self.eps)
        v = F.normalize(torch.empty(columns, dtype=weight.dtype).normal_(0, 1), dim=0, eps=self.eps)
        return u, v

    def improve(self, weight, u, v, count, first_v):
        with torch.no_grad():
            for _ in range(count):
                if first_v:
                    v.copy_(F.normalize(torch.mv(weight.t(), u), dim=0, eps=self.eps))
                u.copy_(F.normalize(torch.mv(weight, v), dim=0, eps=self.eps))
                if not first_v:
                    v.copy_(F.normalize(torch.mv(weight.t(), u), dim=0, eps=self.eps))


def default_dim(module):
    transposed = (torch.nn.ConvTranspose1d, torch.nn.ConvTranspose2d, torch.nn.ConvTranspose3d)
    return 1 if isinstance(module, transposed) else 0
