"""The geometric distribution: how many trials fail before one succeeds."""
import torch
import torch.nn.functional as F
from torch.distributions import constraints
from torch.distributions.distribution import WithProbabilities
from torch.distributions.utils import broadcast_all, tiny


class Geometric(WithProbabilities):
    arg_constraints = {'probs': constraints.unit_interval, 'logits': constraints.real}
    support = constraints.nonnegative_integer

    def __init__(self, probs=None, logits=None, validate_args=None):
        self._take(probs, logits)
        given, = broadcast_all(probs if self._of_probs else logits)
        self._give('probs' if self._of_probs else 'logits', given)
        super().__init__(given.size(), validate_args=validate_args)
        if self._validate_args and self._of_probs and not bool((given > 0).all()):
            raise ValueError(
                f'Expected parameter probs ({type(given).__name__} of shape {tuple(given.shape)}) of distribution '
                f'{self!r} to be positive but found invalid values:\n{given[~(given > 0)]}'
            )

    @property
    def mean(self):
        return 1.0 / self.probs - 1.0

    @property
    def mode(self):
        return torch.zeros_like(self.probs)

    @property
    def variance(self):
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape=torch.Size()):
        drawn = torch.empty(self._extended_shape(sample_shape), dtype=self.probs.dtype)
        with torch.no_grad():
            drawn.uniform_(tiny(drawn.dtype), 1)
            return (drawn.log() / (-self.probs).log1p()).floor()

    def log_prob(self, value):
        self._checked(value)
        value, probs = broadcast_all(value, self.probs)
        probs = probs.clone()
        probs[(probs == 1) & (value == 0)] = 0
        return value * (-probs).log1p() + self.probs.log()

    def entropy(self):
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction='none') / self.probs
