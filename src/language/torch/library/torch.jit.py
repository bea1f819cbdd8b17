"""TorchScript: a program runs as it is written, so its functions and modules are themselves."""


def script(obj=None, optimize=None, _frames_up=0, _rcb=None, example_inputs=None):
    return obj


def trace(func, example_inputs=None, *args, **keywords):
    return func


def export(fn):
    return fn


def ignore(drop=False, **keywords):
    return drop if callable(drop) else lambda fn: fn


def unused(fn):
    return fn


def is_scripting():
    return False


def is_tracing():
    return False
