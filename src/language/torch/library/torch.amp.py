"""Mixed precision, as far as it changes nothing: there is no half-precision dtype here, and no device but the CPU."""
import functools

import torch


class autocast:
    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        if device_type not in ('cpu', 'cuda', 'mps', 'xpu'):
            raise RuntimeError(f"User specified an unsupported autocast device_type '{device_type}'")
        if device_type == 'cpu' and enabled and dtype is not torch.float32:
            raise RuntimeError('autocast to bfloat16 is not available: the floating-point dtypes here are float32 and float64')
        self.device = device_type

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __call__(self, func):
        @functools.wraps(func)
        def within(*args, **keywords):
            with self:
                return func(*args, **keywords)
        return within


class GradScaler:
    """Scales losses on a device that is not there, so by one."""

    def __init__(self, device='cuda', init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000,
                 enabled=True):
        if device == 'cpu' and enabled:
            raise RuntimeError('GradScaler for the CPU is not available: there is no half-precision dtype here')

    def scale(self, outputs):
        return outputs

    def unscale_(self, optimizer):
        pass

    def step(self, optimizer, *args, **keywords):
        return optimizer.step(*args, **keywords)

    def update(self, new_scale=None):
        pass

    def get_scale(self):
        return 1.0

    def is_enabled(self):
        return False

    def state_dict(self):
        return {}

    def load_state_dict(self, state_dict):
        pass
