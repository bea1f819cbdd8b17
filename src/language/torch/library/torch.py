"""What torch has besides the host's functions."""
from torch import accelerator, amp, autograd, backends, cuda, jit, linalg, mps, nn, optim, special, utils, xpu

from torch.amp import autocast
import copy
import io


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


def _held(f):
    if not isinstance(f, io.BytesIO):
        raise OSError('there are no files here: torch.save and torch.load take an io.BytesIO()')
    return f


def save(obj, f, pickle_module=None, pickle_protocol=2, _use_new_zipfile_serialization=True):
    """Leaves a copy in an io.BytesIO."""
    held = _held(f)
    held._saved[held._position:] = [copy.deepcopy(obj)]
    held._position = len(held._saved)


def load(f, map_location=None, pickle_module=None, *, weights_only=True, mmap=None, **pickle_load_args):
    """A copy of what torch.save left."""
    held = _held(f)
    if held._position >= len(held._saved):
        raise EOFError('Ran out of input')
    found = held._saved[held._position]
    held._position += 1
    return copy.deepcopy(found)


def __getattr__(name):
    if name != 'vmap':
        raise AttributeError(f"module 'torch' has no attribute '{name}'")
    from torch.func import vmap

    return vmap
