"""Padding."""
import torch.nn.functional as F
from torch.nn.modules.module import Module


class _Pad(Module):
    _dimensions = 0
    _mode = 'constant'

    def __init__(self, padding):
        super().__init__()
        self.padding = (padding,) * (2 * self._dimensions) if isinstance(padding, int) else tuple(padding)

    def forward(self, input):
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self):
        return f'{self.padding}'


class _ConstantPad(_Pad):
    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def forward(self, input):
        return F.pad(input, self.padding, 'constant', self.value)

    def extra_repr(self):
        return f'padding={self.padding}, value={self.value}'


class ConstantPad1d(_ConstantPad):
    _dimensions = 1


class ConstantPad2d(_ConstantPad):
    _dimensions = 2


class ConstantPad3d(_ConstantPad):
    _dimensions = 3


class _ZeroPad(_ConstantPad):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f'{self.padding}'


class ZeroPad1d(_ZeroPad):
    _dimensions = 1


class ZeroPad2d(_ZeroPad):
    _dimensions = 2


class ZeroPad3d(_ZeroPad):
    _dimensions = 3


class _ReflectionPad(_Pad):
    _mode = 'reflect'


class ReflectionPad1d(_ReflectionPad):
    _dimensions = 1


class ReflectionPad2d(_ReflectionPad):
    _dimensions = 2


class ReflectionPad3d(_ReflectionPad):
    _dimensions = 3


class _ReplicationPad(_Pad):
    _mode = 'replicate'


class ReplicationPad1d(_ReplicationPad):
    _dimensions = 1


class ReplicationPad2d(_ReplicationPad):
    _dimensions = 2


class ReplicationPad3d(_ReplicationPad):
    _dimensions = 3


class _CircularPad(_Pad):
    _mode = 'circular'


class CircularPad1d(_CircularPad):
    _dimensions = 1


class CircularPad2d(_CircularPad):
    _dimensions = 2


class CircularPad3d(_CircularPad):
    _dimensions = 3
