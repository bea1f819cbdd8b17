"""The binomial distribution."""
import torch
from torch.distributions import constraints
from torch.distributions.distribution import WithProbabilities
from torch.distributions.utils import broadcast_all


def _above_zero(x):
    """x where it is above zero, with half of its gradient at zero."""
    return (x.clamp(min=0) + x - x.clamp(max=0)) / 2


class Binomial(WithProbabilities):
    arg_constraints = {
        'total_count': constraints.nonnegative_integer, 'probs': constraints.unit_interval, 'logits': constraints.real
    }
    has_enumerate_support = True

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        self._take(probs, logits)
        self.total_count, given = broadcast_all(total_count, probs if self._of_probs else logits)
        self.total_count = self.total_count.to(given.dtype)
        self._give('probs' if self._of_probs else 'logits', given)
        super().__init__(given.size(), validate_args=validate_args)

    def _params(self):
        return {'total_count': self.total_count, **super()._params()}

    @property
    def support(self):
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self):
        return self.total_count * self.probs

    @property
    def mode(self):
        return ((self.total_count + 1) * self.probs).floor().clamp(max=self.total_count)

    @property
    def variance(self):
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape=torch.Size()):
        shape = self._extended_shape(sample_shape)
        with torch.no_grad():
            return torch.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value):
        self._checked(value)
        n = self.total_count
        normalized = (
            n * _above_zero(self.logits) + n * torch.log1p(torch.exp(-torch.abs(self.logits))) - torch.lgamma(n + 1)
        )
        return value * self.logits - torch.lgamma(value + 1) - torch.lgamma(n - value + 1) - normalized

    def entropy(self):
        if not bool((self.total_count.min() == self.total_count.max())):
            raise NotImplementedError('Inhomogeneous total count not supported by `entropy`.')
        log_prob = self.log_prob(self.enumerate_support(False))
        return -(torch.exp(log_prob) * log_prob).sum(0)

    def enumerate_support(self, expand=True):
        count = int(self.total_count.max())
        if not bool(self.total_count.min() == count):
            raise NotImplementedError('Inhomogeneous total count not supported by `enumerate_support`.')
        values = torch.arange(1 + count, dtype=self._param.dtype).view((-1,) + (1,) * len(self._batch_shape))
        return values.expand((-1,) + self._batch_shape) if expand else values
