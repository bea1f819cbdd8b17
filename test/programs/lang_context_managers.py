# A context manager of one's own.
import torch


class Frozen:
    def __init__(self, *tensors):
        self.tensors = tensors

    def __enter__(self):
        self.before = [t.requires_grad for t in self.tensors]
        for t in self.tensors:
            t.requires_grad_(False)
        return self

    def __exit__(self, kind, value, traceback):
        for t, flag in zip(self.tensors, self.before):
            t.requires_grad_(flag)
        return False


w = torch.ones(2, requires_grad=True)
with Frozen(w) as frozen:
    print(w.requires_grad, (w * 2).requires_grad, len(frozen.tensors))
print(w.requires_grad)
try:
    with Frozen(w):
        raise RuntimeError("inside")
except RuntimeError as error:
    print(error, w.requires_grad)
