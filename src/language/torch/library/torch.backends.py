"""Switches that scripts set; all of them are about devices that are not here."""


class _Backend:
    def __init__(self, available, **switches):
        self._available = available
        for name, value in switches.items():
            setattr(self, name, value)

    def is_available(self):
        return self._available

    def is_built(self):
        return self._available

    def version(self):
        return None


cudnn = _Backend(
    False, enabled=True, benchmark=False, deterministic=False, allow_tf32=True, benchmark_limit=10)
mps = _Backend(False)
cuda = _Backend(False)
cuda.matmul = _Backend(False, allow_tf32=False)
mkldnn = _Backend(False, enabled=True)
mkl = _Backend(False)
openmp = _Backend(False)
