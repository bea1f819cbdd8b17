"""The negative binomial distribution."""
import torch
import torch.nn.functional as F
from torch.distributions import constraints
from torch.distributions.distribution import WithProbabilities
from torch.distributions.gamma import Gamma
from torch.distributions.utils import broadcast_all


class NegativeBinomial(WithProbabilities):
    arg_constraints = {
        'total_count': constraints.greater_than_eq(0), 'probs': constraints.half_open_interval(0.0, 1.0),
        'logits': constraints.real,
    }
    support = constraints.nonnegative_integer

    def __init__(self, total_count, probs=None, logits=None, validate_args=None):
        self._take(probs, logits)
        self.total_count, given = broadcast_all(total_count, probs if self._of_probs else logits)
        self.total_count = self.total_count.to(given.dtype)
        self._give('probs' if self._of_probs else 'logits', given)
        super().__init__(given.size(), validate_args=validate_args)

    def _params(self):
        return {'total_count': self.total_count, **super()._params()}

    @property
    def mean(self):
        return self.total_count * torch.exp(self.logits)

    @property
    def mode(self):
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self):
        return self.mean / torch.sigmoid(-self.logits)

    def sample(self, sample_shape=torch.Size()):
        with torch.no_grad():
            rate = Gamma(self.total_count, torch.exp(-self.logits), validate_args=False).sample(sample_shape)
            return torch.poisson(rate)

    def log_prob(self, value):
        self._checked(value)
        plain = self.total_count * F.logsigmoid(-self.logits) + value * F.logsigmoid(self.logits)
        normalized = -torch.lgamma(self.total_count + value) + torch.lgamma(1.0 + value) + torch.lgamma(self.total_count)
        return plain - normalized.masked_fill(self.total_count + value == 0.0, 0.0)
