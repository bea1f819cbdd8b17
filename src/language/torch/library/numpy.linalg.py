"""NumPy's `linalg` over that of torch."""
import numpy as np
import torch
from torch.linalg import LinAlgError


def _matrix(a):
    tensor = np._float(np._tensor(a))
    if tensor.ndim < 2:
        raise LinAlgError(
            f'{tensor.ndim}-dimensional array given. Array must be at least two-dimensional'
        )
    return tensor


def _square(a):
    tensor = _matrix(a)
    if tensor.shape[-1] != tensor.shape[-2]:
        raise LinAlgError('Last 2 dimensions of the array must be square')
    return tensor


def _regular(operation, *args):
    try:
        return operation(*args)
    except LinAlgError:
        raise LinAlgError('Singular matrix') from None


def norm(x, ord=None, axis=None, keepdims=False):
    tensor = np._float(np._tensor(x))
    if ord is None:
        axes = np._axes(tensor, axis)
        return np._wrap(torch.sqrt(torch.sum(tensor * tensor, axes, keepdim=keepdims)))
    return np._wrap(torch.linalg.norm(tensor, ord, axis, keepdims))


def inv(a):
    return np._keep(_regular(torch.linalg.inv, _square(a)))


def solve(a, b):
    matrix = _square(a)
    return np._keep(_regular(torch.linalg.solve, matrix, np._float(np._tensor(b)).to(matrix.dtype)))


def det(a):
    return np._wrap(torch.linalg.det(_square(a)))


def slogdet(a):
    sign, logarithm = torch.linalg.slogdet(_square(a))
    return np._wrap(sign), np._wrap(logarithm)


def cholesky(a):
    try:
        return np._keep(torch.linalg.cholesky(_square(a)))
    except LinAlgError:
        raise LinAlgError('Matrix is not positive definite') from None


def qr(a):
    q, r = torch.linalg.qr(_matrix(a))
    return np._keep(q), np._keep(r)


def svd(a, full_matrices=True, compute_uv=True):
    if not compute_uv:
        return np._keep(torch.linalg.svdvals(_matrix(a)))
    u, s, vh = torch.linalg.svd(_matrix(a), full_matrices)
    return np._keep(u), np._keep(s), np._keep(vh)


def eigh(a):
    values, vectors = torch.linalg.eigh(_square(a))
    return np._keep(values), np._keep(vectors)


def eigvalsh(a):
    return np._keep(torch.linalg.eigvalsh(_square(a)))


def pinv(a):
    return np._keep(torch.linalg.pinv(_matrix(a)))


def matrix_rank(a):
    return np._wrap(torch.linalg.matrix_rank(_matrix(a)))


def matrix_power(a, n):
    return np._keep(torch.linalg.matrix_power(_matrix(a), n))


def lstsq(a, b, rcond=None):
    matrix = _matrix(a)
    right = np._float(np._tensor(b)).to(matrix.dtype)
    wide = right if right.ndim > 1 else right.unsqueeze(1)
    values = torch.linalg.svdvals(matrix)
    rank = int(torch.linalg.matrix_rank(matrix))
    found = torch.linalg.pinv(matrix) @ wide
    full = matrix.shape[0] > matrix.shape[1] and rank == matrix.shape[1]
    rest = torch.sum((wide - matrix @ found) ** 2, 0) if full else torch.zeros(0, dtype=matrix.dtype)
    return np._keep(found if right.ndim > 1 else found.squeeze(1)), np._keep(rest), rank, np._keep(values)
