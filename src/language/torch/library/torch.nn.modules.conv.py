"""Convolutions."""
import math

import torch
import torch.nn.functional as F
from torch.nn import init
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


def _repeated(value, count):
    if isinstance(value, (tuple, list, torch.Size)):
        return tuple(value)
    return (value,) * count


class _ConvNd(Module):
    _dimensions = 0
    _transposed = False

    def __init__(
        self, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode,
        output_padding, device, dtype,
    ):
        super().__init__()
        count = self._dimensions
        if groups <= 0:
            raise ValueError('groups must be a positive integer')
        if in_channels % groups != 0:
            raise ValueError('in_channels must be divisible by groups')
        if out_channels % groups != 0:
            raise ValueError('out_channels must be divisible by groups')
        if isinstance(padding, str):
            if padding not in ('same', 'valid'):
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'same', 'valid'}}")
            if padding == 'same' and any(step != 1 for step in _repeated(stride, count)):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in ('zeros', 'reflect', 'replicate', 'circular'):
            raise ValueError(
                "padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got "
                f"padding_mode='{padding_mode}'"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = _repeated(kernel_size, count)
        self.stride = _repeated(stride, count)
        self.padding = padding if isinstance(padding, str) else _repeated(padding, count)
        self.dilation = _repeated(dilation, count)
        self.transposed = self._transposed
        self.output_padding = _repeated(output_padding, count)
        self.groups = groups
        self.padding_mode = padding_mode
        first, second = (in_channels, out_channels) if self._transposed else (out_channels, in_channels)
        self.weight = Parameter(torch.empty((first, second // groups) + self.kernel_size, device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(torch.empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter('bias', None)
        self.reset_parameters()

    def reset_parameters(self):
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            if fan_in != 0:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def _border(self):
        """What is padded on each side, last dimension first, as F.pad takes it."""
        amounts = []
        for position in range(self._dimensions - 1, -1, -1):
            if self.padding == 'same':
                total = self.dilation[position] * (self.kernel_size[position] - 1)
                amounts += [total // 2, total - total // 2]
            elif self.padding == 'valid':
                amounts += [0, 0]
            else:
                amounts += [self.padding[position], self.padding[position]]
        return amounts

    def forward(self, input):
        padding = self.padding
        if self.padding_mode != 'zeros':
            input = F.pad(input, self._border(), mode=self.padding_mode)
            padding = (0,) * self._dimensions
        return self._convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self):
        text = f'{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}'
        none = (0,) * self._dimensions
        if self.padding != none:
            text += f', padding={self.padding}'
        if self.dilation != (1,) * self._dimensions:
            text += f', dilation={self.dilation}'
        if self.output_padding != none:
            text += f', output_padding={self.output_padding}'
        if self.groups != 1:
            text += f', groups={self.groups}'
        if self.bias is None:
            text += ', bias=False'
        if self.padding_mode != 'zeros':
            text += f', padding_mode={self.padding_mode}'
        return text


class _Conv(_ConvNd):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode='zeros', device=None, dtype=None,
    ):
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, 0,
            device, dtype,
        )


class Conv1d(_Conv):
    _dimensions = 1

    def _convolve(self, input, weight, bias, stride, padding, dilation, groups):
        return F.conv1d(input, weight, bias, stride, padding, dilation, groups)


class Conv2d(_Conv):
    _dimensions = 2

    def _convolve(self, input, weight, bias, stride, padding, dilation, groups):
        return F.conv2d(input, weight, bias, stride, padding, dilation, groups)


class Conv3d(_Conv):
    _dimensions = 3

    def _convolve(self, input, weight, bias, stride, padding, dilation, groups):
        return F.conv3d(input, weight, bias, stride, padding, dilation, groups)


class _ConvTranspose(_ConvNd):
    _transposed = True

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
        dilation=1, padding_mode='zeros', device=None, dtype=None,
    ):
        if padding_mode != 'zeros':
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode,
            output_padding, device, dtype,
        )

    def _extra(self, input, output_size):
        if output_size is None:
            return self.output_padding
        count = self._dimensions
        sizes = tuple(output_size)[-count:]
        extra = []
        for position in range(count):
            least = (
                (input.size(position - count) - 1) * self.stride[position]
                - 2 * self.padding[position]
                + self.dilation[position] * (self.kernel_size[position] - 1)
                + 1
            )
            extra.append(sizes[position] - least)
        return tuple(extra)

    def forward(self, input, output_size=None):
        return self._convolve(
            input, self.weight, self.bias, self.stride, self.padding, self._extra(input, output_size), self.groups,
            self.dilation,
        )


class ConvTranspose1d(_ConvTranspose):
    _dimensions = 1

    def _convolve(self, input, weight, bias, stride, padding, output_padding, groups, dilation):
        return F.conv_transpose1d(input, weight, bias, stride, padding, output_padding, groups, dilation)


class ConvTranspose2d(_ConvTranspose):
    _dimensions = 2

    def _convolve(self, input, weight, bias, stride, padding, output_padding, groups, dilation):
        return F.conv_transpose2d(input, weight, bias, stride, padding, output_padding, groups, dilation)


class ConvTranspose3d(_ConvTranspose):
    _dimensions = 3

    def _convolve(self, input, weight, bias, stride, padding, output_padding, groups, dilation):
        return F.conv_transpose3d(input, weight, bias, stride, padding, output_padding, groups, dilation)
