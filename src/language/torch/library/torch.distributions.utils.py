"""What distributions share: parameters of one shape, and probabilities with their logarithms."""
import torch
import torch.nn.functional as F

_NOT_TENSORS = (
    'Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__.'
)


def is_number(value):
    return isinstance(value, (int, float))


def broadcast_all(*values):
    """Tensors of one shape, of numbers and tensors."""
    if not all(is_number(value) or isinstance(value, torch.Tensor) for value in values):
        raise ValueError(_NOT_TENSORS)
    tensors = [value for value in values if isinstance(value, torch.Tensor)]
    dtype = tensors[0].dtype if len(tensors) > 0 else torch.get_default_dtype()
    return torch.broadcast_tensors(*[
        value if isinstance(value, torch.Tensor) else torch.tensor(float(value), dtype=dtype) for value in values
    ])


def all_numbers(*values):
    return all(is_number(value) for value in values)


def epsilon(dtype):
    """The distance of 1 to the next number."""
    return 2.0**-52 if dtype == torch.float64 else 2.0**-23


def tiny(dtype):
    """The least normal number."""
    return 2.0**-1022 if dtype == torch.float64 else 2.0**-126


def smallest(dtype):
    """The number furthest below zero."""
    return -(2.0 - 2.0**-52) * 2.0**1023 if dtype == torch.float64 else -(2.0 - 2.0**-23) * 2.0**127


def clamp_probs(probs):
    eps = epsilon(probs.dtype)
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs, is_binary=False):
    kept = clamp_probs(probs)
    return torch.log(kept) - torch.log1p(-kept) if is_binary else torch.log(kept)


def logits_to_probs(logits, is_binary=False):
    return torch.sigmoid(logits) if is_binary else F.softmax(logits, dim=-1)


def sum_rightmost(value, count):
    return value if count == 0 else value.reshape(value.shape[:value.dim() - count] + (-1,)).sum(-1)


def standard_normal(shape, dtype):
    return torch.normal(torch.zeros(shape, dtype=dtype), torch.ones(shape, dtype=dtype))


def xlogy(x, y):
    return torch.special.xlogy(x, y)
