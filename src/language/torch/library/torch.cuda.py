"""There is no CUDA here: what a script asks before it goes on without."""
from torch.cuda import amp


def is_available():
    return False


def is_initialized():
    return False


def is_bf16_supported(including_emulation=True):
    return False


def device_count():
    return 0


def manual_seed(seed):
    pass


def manual_seed_all(seed):
    pass


def empty_cache():
    pass


def memory_allocated(device=None):
    return 0


def max_memory_allocated(device=None):
    return 0


def memory_reserved(device=None):
    return 0


def _refuse():
    raise AssertionError('Torch not compiled with CUDA enabled')


def synchronize(device=None):
    _refuse()


def current_device():
    _refuse()


def set_device(device):
    _refuse()


def get_device_name(device=None):
    _refuse()


def get_device_properties(device=None):
    _refuse()


def get_device_capability(device=None):
    _refuse()
