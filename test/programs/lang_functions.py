# Functions: defaults, keywords, *args, **kwargs, nested.
import torch


def affine(x, scale=2, *, shift=1):
    """Returns x * scale + shift."""
    return x * scale + shift


def total(*tensors, **weights):
    out = sum(tensors)
    for name, weight in weights.items():
        print(name, weight)
        out = out * weight
    return out


x = torch.tensor([1., 2.])
print(affine(x), affine(x, 3), affine(x, shift=0), affine(scale=1, x=x))
print(total(x, x, x, double=2, half=0.5))
args = [x, x]
options = {"w": 3}
print(total(*args, **options))
square = lambda t: t * t
print(square(x), (lambda a, b=10: a + b)(x))
print(affine.__name__)
try:
    affine(x, 1, 2)
except TypeError as error:
    print(error)
