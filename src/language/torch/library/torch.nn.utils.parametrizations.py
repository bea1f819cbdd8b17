"""Parametrizations of weights."""
import torch
from torch.nn.modules.module import Module
from torch.nn.utils import parametrize
from torch.nn.utils.norms import PowerIteration, default_dim, norm_except_dim, with_norm


class _WeightNorm(Module):
    def __init__(self, dim=0):
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g, weight_v):
        return with_norm(weight_v, weight_g, self.dim)

    def right_inverse(self, weight):
        return norm_except_dim(weight, self.dim), weight


def weight_norm(module, name='weight', dim=0):
    if name not in module._parameters and not parametrize.is_parametrized(module, name):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


class _SpectralNorm(Module):
    def __init__(self, weight, n_power_iterations=1, dim=0, eps=1e-12):
        super().__init__()
        self.iteration = PowerIteration(n_power_iterations, dim if dim >= 0 else dim + weight.dim(), eps)
        if weight.dim() > 1:
            matrix = self.iteration.matrix(weight.detach())
            u, v = self.iteration.begin(matrix)
            self.register_buffer('_u', u)
            self.register_buffer('_v', v)
            self.iteration.improve(matrix, u, v, 15, False)

    def forward(self, weight):
        if weight.dim() == 1:
            return torch.nn.functional.normalize(weight, dim=0, eps=self.iteration.eps)
        matrix = self.iteration.matrix(weight)
        if self.training:
            self.iteration.improve(matrix, self._u, self._v, self.iteration.n_power_iterations, False)
        u, v = self._u.clone(), self._v.clone()
        return weight / torch.vdot(u, torch.mv(matrix, v))

    def right_inverse(self, value):
        return value


def spectral_norm(module, name='weight', n_power_iterations=1, eps=1e-12, dim=None):
    weight = getattr(module, name, None)
    if not isinstance(weight, torch.Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    dim = default_dim(module) if dim is None else dim
    made = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return parametrize.register_parametrization(module, name, made)
