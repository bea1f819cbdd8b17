"""Categorical distributions whose values are vectors of zeros with a one."""
import torch
from torch.distributions import constraints
from torch.distributions.categorical import Categorical
from torch.distributions.distribution import Distribution


class OneHotCategorical(Distribution):
    arg_constraints = {'probs': constraints.simplex, 'logits': constraints.real_vector}
    support = constraints.one_hot
    has_enumerate_support = True

    def __init__(self, probs=None, logits=None, validate_args=None):
        self._categorical = Categorical(probs, logits)
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
    def mean(self):
        return self.probs

    @property
    def mode(self):
        return torch.nn.functional.one_hot(self._categorical.mode, self.probs.size(-1)).to(self.probs)

    @property
    def variance(self):
        return self.probs * (1 - self.probs)

    def _params(self):
        return self._categorical._params()

    def _printed(self):
        return []

    def sample(self, sample_shape=torch.Size()):
        chosen = self._categorical.sample(sample_shape)
        return torch.nn.functional.one_hot(chosen, self.probs.size(-1)).to(self.probs)

    def log_prob(self, value):
        self._checked(value)
        return self._categorical.log_prob(value.max(-1)[1])

    def entropy(self):
        return self._categorical.entropy()

    def enumerate_support(self, expand=True):
        count = self._event_shape[0]
        values = torch.eye(count, dtype=self.probs.dtype)
        values = values.view((count,) + (1,) * len(self._batch_shape) + (count,))
        return values.expand((count,) + self._batch_shape + (count,)) if expand else values


class OneHotCategoricalStraightThrough(OneHotCategorical):
    has_rsample = True

    def rsample(self, sample_shape=torch.Size()):
        probs = self.probs
        return self.sample(sample_shape) + (probs - probs.detach())
