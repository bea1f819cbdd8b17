"""The multinomial distribution."""
import torch
from torch.distributions import constraints
from torch.distributions.binomial import Binomial
from torch.distributions.categorical import Categorical
from torch.distributions.distribution import Distribution
from torch.distributions.utils import broadcast_all


class Multinomial(Distribution):
    arg_constraints = {'probs': constraints.simplex, 'logits': constraints.real_vector}

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        if not isinstance(total_count, int):
            raise NotImplementedError('inhomogeneous total_count is not supported')
        self.total_count = total_count
        self._categorical = Categorical(probs=probs, logits=logits)
        self._binomial = Binomial(total_count=total_count, probs=self.probs)
        shape = self._categorical.param_shape
        super().__init__(self._categorical.batch_shape, shape[-1:], validate_args=validate_args)

    @property
    def probs(self):
        return self._categorical.probs

    @property
    def logits(self):
        return self._categorical.logits

    @property
    def param_shape(self):
        return self._categorical.param_shape

    @property
    def support(self):
        return constraints.multinomial(self.total_count)

    @property
    def mean(self):
        return self.probs * self.total_count

    @property
    def variance(self):
        return self.total_count * self.probs * (1 - self.probs)

    def expand(self, batch_shape, _instance=None):
        base = self._categorical.expand(batch_shape)
        return Multinomial(self.total_count, **base._params(), validate_args=False)

    def _printed(self):
        return []

    def sample(self, sample_shape=torch.Size()):
        sample_shape = torch.Size(sample_shape)
        places = self._categorical.sample(torch.Size((self.total_count,)) + sample_shape)
        order = list(range(1, places.dim())) + [0]
        places = places.permute(*order)
        counts = torch.zeros(self._extended_shape(sample_shape), dtype=places.dtype)
        counts.scatter_add_(-1, places, torch.ones_like(places))
        return counts.to(self.probs.dtype)

    def log_prob(self, value):
        self._checked(value)
        logits, value = broadcast_all(self.logits, value)
        factorial_n = torch.lgamma(value.sum(-1) + 1)
        factorials = torch.lgamma(value + 1).sum(-1)
        logits = logits.clone()
        logits[(value == 0) & (logits == -torch.inf)] = 0
        return factorial_n - factorials + (logits * value).sum(-1)

    def entropy(self):
        n = torch.tensor(self.total_count)
        counts = self._binomial.enumerate_support(expand=False)[1:]
        weights = torch.exp(self._binomial.log_prob(counts))
        return self.total_count * self._categorical.entropy() - torch.lgamma(n + 1) + (
            weights * torch.lgamma(counts + 1)
        ).sum([0, -1])
