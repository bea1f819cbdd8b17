"""Weights that a hook computes before each forward pass."""
import torch
from torch.nn.parameter import Parameter
from torch.nn.utils.norms import PowerIteration, default_dim, norm_except_dim, with_norm


class WeightNorm:
    def __init__(self, name, dim):
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module):
        return with_norm(getattr(module, self.name + '_v'), getattr(module, self.name + '_g'), self.dim)

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module, name='weight', dim=0):
    for hook in module._forward_pre_hooks.values():
        if isinstance(hook, WeightNorm) and hook.name == name:
            raise RuntimeError(f'Cannot register two weight_norm hooks on the same parameter {name}')
    hook = WeightNorm(name, dim)
    weight = getattr(module, name)
    del module._parameters[name]
    module.register_parameter(name + '_g', Parameter(norm_except_dim(weight, hook.dim).detach()))
    module.register_parameter(name + '_v', Parameter(weight.detach()))
    setattr(module, name, hook.compute_weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module, name='weight'):
    hook = _taken(module, WeightNorm, name)
    if hook is None:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    weight = hook.compute_weight(module)
    delattr(module, name)
    del module._parameters[name + '_g']
    del module._parameters[name + '_v']
    setattr(module, name, Parameter(weight.detach()))
    return module


def _taken(module, kind, name):
    """A hook, which is taken from the module; None if there is none."""
    for key, hook in list(module._forward_pre_hooks.items()):
        if isinstance(hook, kind) and hook.name == name:
            del module._forward_pre_hooks[key]
            return hook
    return None


class SpectralNorm:
    def __init__(self, name, n_power_iterations, dim, eps):
        self.name = name
        self.iteration = PowerIteration(n_power_iterations, dim, eps)

    def compute_weight(self, module, improves):
        weight = getattr(module, self.name + '_orig')
        u, v = getattr(module, self.name + '_u'), getattr(module, self.name + '_v')
        matrix = self.iteration.matrix(weight)
        if improves:
            self.iteration.improve(matrix, u, v, self.iteration.n_power_iterations, True)
            if self.iteration.n_power_iterations > 0:
                u, v = u.clone(), v.clone()
        return weight / torch.dot(u, torch.mv(matrix, v))

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module, module.training))


def spectral_norm(module, name='weight', n_power_iterations=1, eps=1e-12, dim=None):
    for hook in module._forward_pre_hooks.values():
        if isinstance(hook, SpectralNorm) and hook.name == name:
            raise RuntimeError(f'Cannot register two spectral_norm hooks on the same parameter {name}')
    hook = SpectralNorm(name, n_power_iterations, default_dim(module) if dim is None else dim, eps)
    weight = module._parameters[name]
    if weight is None:
        raise ValueError(f'`SpectralNorm` cannot be applied as parameter `{name}` is None')
    u, v = hook.iteration.begin(hook.iteration.matrix(weight.detach()))
    del module._parameters[name]
    module.register_parameter(name + '_orig', weight)
    setattr(module, name, weight.data)
    module.register_buffer(name + '_u', u)
    module.register_buffer(name + '_v', v)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module, name='weight'):
    hook = _taken(module, SpectralNorm, name)
    if hook is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    with torch.no_grad():
        weight = hook.compute_weight(module, False)
    delattr(module, name)
    delattr(module, name + '_u')
    delattr(module, name + '_v')
    delattr(module, name + '_orig')
    module.register_parameter(name, Parameter(weight.detach()))
    return module
