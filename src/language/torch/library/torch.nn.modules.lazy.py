"""Layers that learn from their first input how large they are.

Until then their parameters have no elements.
"""
import torch
from torch.nn.modules.conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from torch.nn.modules.linear import Linear
from torch.nn.modules.normalization import (
    BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d,
)
from torch.nn.parameter import Parameter


class _Lazy:
    """What lazy layers share; `_become` says the name that they have once they are ready."""

    _ready = False
    _become = ''

    def has_uninitialized_params(self):
        return not self._ready

    def __call__(self, *args, **kwargs):
        if not self._ready:
            with torch.no_grad():
                self.initialize_parameters(*args, **kwargs)
            self._ready = True
        return super().__call__(*args, **kwargs)

    def _get_name(self):
        return self._become if self._ready else type(self).__name__

    def _load(self, state, prefix, *rest):
        if not self._ready:
            for name, value in list(self._parameters.items()) + list(self._buffers.items()):
                if value is not None and prefix + name in state:
                    value.data = torch.empty(state[prefix + name].shape, dtype=value.dtype)
                    self._ready = True
            if self._ready:
                self._sized()
        super()._load(state, prefix, *rest)


class LazyLinear(_Lazy, Linear):
    _become = 'Linear'

    def __init__(self, out_features, bias=True, device=None, dtype=None):
        super().__init__(0, 0, False, device, dtype)
        self.out_features = out_features
        if bias:
            self.bias = Parameter(torch.empty(0, device=device, dtype=dtype))

    def initialize_parameters(self, input):
        self.in_features = input.shape[-1]
        self.weight.data = torch.empty(self.out_features, self.in_features, dtype=self.weight.dtype)
        if self.bias is not None:
            self.bias.data = torch.empty(self.out_features, dtype=self.bias.dtype)
        self.reset_parameters()

    def _sized(self):
        self.in_features = self.weight.shape[-1]


class _LazyConv(_Lazy):
    def __init__(
        self, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros',
        device=None, dtype=None,
    ):
        super().__init__(0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode, device, dtype)
        self._expect(out_channels, bias, device, dtype)

    def _expect(self, out_channels, bias, device, dtype):
        self.out_channels = out_channels
        if bias:
            self.bias = Parameter(torch.empty(0, device=device, dtype=dtype))

    def initialize_parameters(self, input, *args, **kwargs):
        count = self._dimensions
        if input.dim() not in (count + 1, count + 2):
            raise RuntimeError(
                f'Expected {count + 1}D (unbatched) or {count + 2}D (batched) input to {type(self).__name__}, but got '
                f'input of size: {input.shape}'
            )
        self.in_channels = input.shape[-count - 1]
        if self.in_channels % self.groups != 0:
            raise ValueError('in_channels must be divisible by groups')
        first, second = (self.out_channels, self.in_channels)
        if self.transposed:
            first, second = second, first
        shape = (first, second // self.groups) + tuple(self.kernel_size)
        self.weight.data = torch.empty(shape, dtype=self.weight.dtype)
        if self.bias is not None:
            self.bias.data = torch.empty(self.out_channels, dtype=self.bias.dtype)
        self.reset_parameters()

    def _sized(self):
        self.in_channels = self.weight.shape[0] if self.transposed else self.weight.shape[1] * self.groups


class _LazyConvTranspose(_LazyConv):
    def __init__(
        self, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1,
        padding_mode='zeros', device=None, dtype=None,
    ):
        super(_LazyConv, self).__init__(
            0, 0, kernel_size, stride, padding, output_padding, groups, False, dilation, padding_mode, device, dtype
        )
        self._expect(out_channels, bias, device, dtype)


class LazyConv1d(_LazyConv, Conv1d):
    _become = 'Conv1d'


class LazyConv2d(_LazyConv, Conv2d):
    _become = 'Conv2d'


class LazyConv3d(_LazyConv, Conv3d):
    _become = 'Conv3d'


class LazyConvTranspose1d(_LazyConvTranspose, ConvTranspose1d):
    _become = 'ConvTranspose1d'


class LazyConvTranspose2d(_LazyConvTranspose, ConvTranspose2d):
    _become = 'ConvTranspose2d'


class LazyConvTranspose3d(_LazyConvTranspose, ConvTranspose3d):
    _become = 'ConvTranspose3d'


class _LazyNorm(_Lazy):
    def __init__(
        self, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None, *, bias=True
    ):
        super().__init__(0, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def initialize_parameters(self, input):
        self.num_features = input.shape[1] if input.dim() > self._unbatched else input.shape[0]
        for held in (self._parameters, self._buffers):
            for name, value in held.items():
                if value is not None and name != 'num_batches_tracked':
                    value.data = torch.empty(self.num_features, dtype=value.dtype)
        self.reset_parameters()

    #: The number of dimensions of an input without a batch.
    _unbatched = 0

    def _sized(self):
        self.num_features = self.state_dict()['weight' if self.affine else 'running_mean'].shape[0]


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    _become = 'BatchNorm1d'


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    _become = 'BatchNorm2d'


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    _become = 'BatchNorm3d'


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    _become = 'InstanceNorm1d'
    _unbatched = 2


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    _become = 'InstanceNorm2d'
    _unbatched = 3


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    _become = 'InstanceNorm3d'
    _unbatched = 4
