"""Parameters that are functions of other ones.

A module finds them in its `parametrizations` (Module.__getattr__).
"""
import torch
from torch.nn.modules.container import ModuleDict, ModuleList
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter

_cache = {'on': False, 'values': {}}


class cached:
    """Within it each parametrized tensor is computed once."""

    def __enter__(self):
        _cache['on'] = True

    def __exit__(self, type, value, traceback):
        _cache['on'] = False
        _cache['values'] = {}


class ParametrizationList(ModuleList):
    def __init__(self, modules, original, unsafe=False):
        super().__init__(modules)
        self.unsafe = unsafe
        value = original
        if not isinstance(original, torch.Tensor):
            raise ValueError('Expected a tensor as original')
        with torch.no_grad():
            for module in reversed(list(self)):
                if hasattr(module, 'right_inverse'):
                    value = module.right_inverse(value)
        self.is_tensor = isinstance(value, torch.Tensor)
        if self.is_tensor:
            # The original stays the same object, for optimizers that have it.
            original.data = value.detach() if value is not original else original.data
            self._put('original', original)
            self.ntensors = 1
        else:
            self.ntensors = len(value)
            for index, each in enumerate(value):
                self._put(f'original{index}', Parameter(each.detach()) if isinstance(original, Parameter) else each)

    def _put(self, name, value):
        if isinstance(value, Parameter):
            self.register_parameter(name, value)
        else:
            self.register_buffer(name, value)

    def _originals(self):
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f'original{index}') for index in range(self.ntensors)]

    def right_inverse(self, value):
        with torch.no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, 'right_inverse'):
                    raise RuntimeError(f'parametrization {type(module).__name__} does not implement right_inverse.')
                value = module.right_inverse(value)
            if self.is_tensor:
                if not isinstance(value, torch.Tensor):
                    raise ValueError(
                        f'`right_inverse` should return a tensor when there is just one original. Got {type(value).__name__}'
                    )
                self.original.data = value.detach()
            else:
                for held, each in zip(self._originals(), value):
                    held.data = each.detach()

    def forward(self):
        value = self[0](*self._originals())
        for module in list(self)[1:]:
            value = module(value)
        return value

    def __call__(self):
        if not _cache['on']:
            return super().__call__()
        if self not in _cache['values']:
            _cache['values'][self] = super().__call__()
        return _cache['values'][self]

    def __repr__(self):
        return Module.__repr__(self)


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        found = module.parametrizations[tensor_name]
        before = found()
        if not unsafe:
            _fits(before, parametrization(before))
        found.append(parametrization)
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        original = getattr(module, tensor_name)
        if not unsafe and not hasattr(parametrization, 'right_inverse'):
            with torch.no_grad():
                _fits(original, parametrization(original))
        held = ParametrizationList([parametrization], original, unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            module.parametrizations = ModuleDict()
        module.parametrizations[tensor_name] = held
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name '{tensor_name}'"
        )
    return module


def _fits(before, after):
    if not isinstance(after, torch.Tensor):
        raise ValueError(f'A parametrization must return a tensor. Got {type(after).__name__}.')
    for what in ('dtype', 'shape'):
        old, new = getattr(before, what), getattr(after, what)
        if old != new:
            raise ValueError(
                f'Registering a parametrization may not change the {what} of the tensor, unless `unsafe` flag is '
                f'enabled.\nunparametrized {what}: {old}\nparametrized {what}: {new}'
            )


def is_parametrized(module, tensor_name=None):
    held = module._modules.get('parametrizations')
    if held is None:
        return False
    return len(held) > 0 if tensor_name is None else tensor_name in held


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    if not is_parametrized(module, tensor_name):
        raise ValueError(f'Module {module} does not have a parametrization on {tensor_name}')
    held = module.parametrizations[tensor_name]
    if leave_parametrized:
        with torch.no_grad():
            value = held().detach().clone()
    elif held.is_tensor:
        value = held.original
    else:
        raise ValueError('Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors.')
    original = held._originals()[0]
    is_parameter = isinstance(original, Parameter)
    del module.parametrizations[tensor_name]
    if len(module.parametrizations) == 0:
        del module.parametrizations
    if held.is_tensor:
        original.data = value.data
        value = original
    elif is_parameter:
        value = Parameter(value)
    if is_parameter:
        module.register_parameter(tensor_name, value)
    else:
        module.register_buffer(tensor_name, value)
    return module


def type_before_parametrizations(module):
    return type(module)
