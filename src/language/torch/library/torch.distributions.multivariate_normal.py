"""The multivariate normal distribution."""
import math

import torch
from torch.distributions import constraints
from torch.distributions.distribution import Distribution
from torch.distributions.utils import standard_normal


def batch_mv(matrices, vectors):
    return torch.matmul(matrices, vectors.unsqueeze(-1)).squeeze(-1)


def batch_mahalanobis(scale_tril, difference):
    """The squared length of each difference in units of the deviations."""
    shape = torch.broadcast_shapes(scale_tril.shape[:-2], difference.shape[:-1])
    n = difference.size(-1)
    solved = torch.linalg.solve_triangular(
        scale_tril.expand(shape + (n, n)), difference.expand(shape + (n,)).unsqueeze(-1), upper=False
    )
    return solved.squeeze(-1).pow(2).sum(-1)


def half_log_det(scale_tril):
    return scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def precision_to_scale_tril(precision):
    # The factor of a reversed matrix, reversed, is the transposed inverse of the one that is wanted.
    factor = torch.linalg.cholesky(torch.flip(precision, (-2, -1)))
    inverse = torch.transpose(torch.flip(factor, (-2, -1)), -2, -1)
    return torch.linalg.solve_triangular(inverse, torch.eye(precision.shape[-1], dtype=precision.dtype), upper=False)


class MultivariateNormal(Distribution):
    arg_constraints = {
        'loc': constraints.real_vector, 'covariance_matrix': constraints.positive_definite,
        'precision_matrix': constraints.positive_definite, 'scale_tril': constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True
    _derived = ('covariance_matrix', 'precision_matrix', 'scale_tril')

    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        if loc.dim() < 1:
            raise ValueError('loc must be at least one-dimensional.')
        matrices = {
            'covariance_matrix': covariance_matrix, 'precision_matrix': precision_matrix, 'scale_tril': scale_tril
        }
        given = [(name, value) for name, value in matrices.items() if value is not None]
        if len(given) != 1:
            raise ValueError('Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.')
        name, matrix = given[0]
        if matrix.dim() < 2:
            raise ValueError(
                f'{name} must be at least two-dimensional, with optional leading batch dimensions'
                if name != 'scale_tril'
                else 'scale_tril matrix must be at least two-dimensional, with optional leading batch dimensions'
            )
        batch = torch.broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        self._given = []
        self._matrix = name
        self._give(name, matrix.expand(batch + matrix.shape[-2:]))
        self.loc = loc.expand(batch + loc.shape[-1:])
        super().__init__(batch, self.loc.shape[-1:], validate_args=validate_args)
        if name == 'scale_tril':
            self._factor = scale_tril
        elif name == 'covariance_matrix':
            self._factor = torch.linalg.cholesky(covariance_matrix)
        else:
            self._factor = precision_to_scale_tril(precision_matrix)

    def _derive(self, name):
        shape = self._batch_shape + self._event_shape + self._event_shape
        if name == 'scale_tril':
            return self._factor.expand(shape)
        if name == 'covariance_matrix':
            return torch.matmul(self._factor, self._factor.mT).expand(shape)
        return torch.cholesky_inverse(self._factor).expand(shape)

    def _params(self):
        return {'loc': self.loc, self._matrix: getattr(self, self._matrix)}

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        return self._factor.pow(2).sum(-1).expand(self._batch_shape + self._event_shape)

    def rsample(self, sample_shape=torch.Size()):
        drawn = standard_normal(self._extended_shape(sample_shape), self.loc.dtype)
        return self.loc + batch_mv(self._factor, drawn)

    def log_prob(self, value):
        self._checked(value)
        distance = batch_mahalanobis(self._factor, value - self.loc)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + distance) - half_log_det(self._factor)

    def entropy(self):
        found = 0.5 * self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + half_log_det(self._factor)
        return found if len(self._batch_shape) == 0 else found.expand(self._batch_shape)
