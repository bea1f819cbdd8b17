"""Where what the graph saves is kept: always in the memory of the run, so that these change nothing."""
import contextlib


@contextlib.contextmanager
def save_on_cpu(pin_memory=False, device_type='cuda'):
    yield


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message):
    yield
