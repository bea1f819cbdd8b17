"""Multivariate normal distributions whose covariance is a matrix of low rank and a diagonal."""
import math

import torch
from torch.distributions import constraints
from torch.distributions.distribution import Distribution
from torch.distributions.multivariate_normal import batch_mahalanobis, batch_mv
from torch.distributions.utils import standard_normal


class LowRankMultivariateNormal(Distribution):
    arg_constraints = {
        'loc': constraints.real_vector, 'cov_factor': constraints.independent(constraints.real, 2),
        'cov_diag': constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc, cov_factor, cov_diag, validate_args=None):
        if loc.dim() < 1:
            raise ValueError('loc must be at least one-dimensional.')
        if cov_factor.dim() < 2:
            raise ValueError('cov_factor must be at least two-dimensional, with optional leading batch dimensions')
        n = loc.shape[-1:]
        if cov_factor.shape[-2:-1] != n:
            raise ValueError(f'cov_factor must be a batch of matrices with shape {n[0]} x m')
        if cov_diag.shape[-1:] != n:
            raise ValueError(f'cov_diag must be a batch of vectors with shape {n}')
        batch = torch.broadcast_shapes(loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1])
        self.loc = loc.expand(batch + n)
        self.cov_factor = cov_factor.expand(batch + cov_factor.shape[-2:])
        self.cov_diag = cov_diag.expand(batch + n)
        super().__init__(batch, n, validate_args=validate_args)
        self._scaled = cov_factor.mT / cov_diag.unsqueeze(-2)
        inner = torch.matmul(self._scaled, cov_factor)
        self._capacitance = torch.linalg.cholesky(inner + torch.eye(cov_factor.size(-1), dtype=inner.dtype))

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        return (self.cov_factor.pow(2).sum(-1) + self.cov_diag).expand(self._batch_shape + self._event_shape)

    @property
    def covariance_matrix(self):
        return torch.matmul(self.cov_factor, self.cov_factor.mT) + torch.diag_embed(self.cov_diag)

    @property
    def scale_tril(self):
        return torch.linalg.cholesky(self.covariance_matrix)

    @property
    def precision_matrix(self):
        return torch.cholesky_inverse(self.scale_tril)

    def rsample(self, sample_shape=torch.Size()):
        shape = self._extended_shape(sample_shape)
        low = standard_normal(shape[:-1] + self.cov_factor.shape[-1:], self.loc.dtype)
        own = standard_normal(shape, self.loc.dtype)
        return self.loc + batch_mv(self.cov_factor, low) + self.cov_diag.sqrt() * own

    def _log_det(self):
        return 2 * self._capacitance.diagonal(dim1=-2, dim2=-1).log().sum(-1) + self.cov_diag.log().sum(-1)

    def log_prob(self, value):
        self._checked(value)
        apart = value - self.loc
        plain = (apart.pow(2) / self.cov_diag).sum(-1)
        distance = plain - batch_mahalanobis(self._capacitance, batch_mv(self._scaled, apart))
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + self._log_det() + distance)

    def entropy(self):
        found = 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + self._log_det())
        return found if len(self._batch_shape) == 0 else found.expand(self._batch_shape)
