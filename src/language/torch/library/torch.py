"""What torch has besides the host's functions."""
from torch import accelerator, amp, autograd, backends, cuda, jit, linalg, mps, nn, optim, special, utils, xpu

from torch.amp import autocast


def compile(model=None, *, fullgraph=False, dynamic=None, backend='inductor', mode=None, options=None, disable=False):
    """The function or module itself: it runs as it is written."""
    return (lambda fn: fn) if model is None else model


_precision = ['highest']


def set_float32_matmul_precision(precision):
    _precision[0] = precision


def get_float32_matmul_precision():
    return _precision[0]


def is_autocast_enabled(device_type=None):
    return False
