"""The base of all distributions."""
import torch
from torch.distributions.utils import logits_to_probs, probs_to_logits

_defaults = {'validate_args': True}


class Distribution:
    has_rsample = False
    has_enumerate_support = False
    #: Where each parameter lies.
    arg_constraints = {}
    support = None
    #: Parameters that are computed from the others when they are asked for, unless they are given.
    _derived = ()

    @staticmethod
    def set_default_validate_args(value):
        if value not in (True, False):
            raise ValueError
        _defaults['validate_args'] = value

    def __init__(self, batch_shape=torch.Size(), event_shape=torch.Size(), validate_args=None):
        self._batch_shape = torch.Size(batch_shape)
        self._event_shape = torch.Size(event_shape)
        self._validate_args = _defaults['validate_args'] if validate_args is None else validate_args
        if not self._validate_args:
            return
        for name, constraint in self.arg_constraints.items():
            if constraint.kind == 'Dependent' or not self._held(name):
                continue
            value = getattr(self, name)
            valid = constraint.check(value)
            if not bool(valid.all()):
                raise ValueError(
                    f'Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution '
                    f'{self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n{value}'
                )

    def __getattr__(self, name):
        if name in type(self)._derived:
            value = self._derive(name)
            self._give(name, value)
            return value
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _give(self, name, value):
        """Sets a parameter that is computed where it is not given."""
        setattr(self, name, value)
        self._given.append(name)

    def _held(self, name):
        return name not in type(self)._derived or name in self._given

    def _derive(self, name):
        raise NotImplementedError

    @property
    def batch_shape(self):
        return self._batch_shape

    @property
    def event_shape(self):
        return self._event_shape

    @property
    def stddev(self):
        return self.variance.sqrt()

    @property
    def mean(self):
        raise NotImplementedError

    @property
    def mode(self):
        raise NotImplementedError(f'{type(self)} does not implement mode')

    @property
    def variance(self):
        raise NotImplementedError

    def _params(self):
        """The parameters that make another distribution of this kind, by name."""
        return {name: getattr(self, name) for name in self.arg_constraints if self._held(name)}

    def expand(self, batch_shape, _instance=None):
        shape = torch.Size(batch_shape)
        given = {}
        for name, value in self._params().items():
            own = self.arg_constraints[name].event_dim
            given[name] = value.expand(shape + value.shape[value.dim() - own:])
        return type(self)(**given, validate_args=False)

    def sample(self, sample_shape=torch.Size()):
        with torch.no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape=torch.Size()):
        raise NotImplementedError

    def sample_n(self, n):
        return self.sample(torch.Size((n,)))

    def log_prob(self, value):
        raise NotImplementedError

    def cdf(self, value):
        raise NotImplementedError

    def icdf(self, value):
        raise NotImplementedError

    def enumerate_support(self, expand=True):
        raise NotImplementedError

    def entropy(self):
        raise NotImplementedError

    def perplexity(self):
        return torch.exp(self.entropy())

    def _extended_shape(self, sample_shape=torch.Size()):
        return torch.Size(sample_shape) + self._batch_shape + self._event_shape

    def _validate_sample(self, value):
        if not isinstance(value, torch.Tensor):
            raise ValueError('The value argument to log_prob must be a Tensor')
        apart = value.dim() - len(self._event_shape)
        if value.shape[apart:] != self._event_shape:
            raise ValueError(
                'The right-most size of value must match event_shape: '
                f'{value.size()} vs {self._event_shape}.'
            )
        expected = self._batch_shape + self._event_shape
        for i, j in zip(reversed(value.size()), reversed(expected)):
            if i != 1 and j != 1 and i != j:
                raise ValueError(
                    f'Value is not broadcastable with batch_shape+event_shape: {value.size()} vs {expected}.'
                )
        support = self.support
        if support is None:
            return
        valid = support.check(value)
        if not bool(valid.all()):
            raise ValueError(
                f'Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the '
                f'support ({support!r}) of the distribution {self!r}, but found invalid values:\n{value}'
            )

    def _checked(self, value):
        if self._validate_args:
            self._validate_sample(value)

    def __repr__(self):
        parts = []
        for name in self._printed():
            value = getattr(self, name)
            parts.append(f'{name}: {value if value.numel() == 1 else value.size()}')
        return f'{type(self).__name__}({", ".join(parts)})'

    def _printed(self):
        return [name for name in self.arg_constraints if self._held(name)]


class ExponentialFamily(Distribution):
    pass


class WithProbabilities(Distribution):
    """A distribution with probabilities, or their logarithms, of which one is given."""

    _derived = ('probs', 'logits')
    _binary = True

    def _take(self, probs, logits):
        """Sets the parameter that is given."""
        if (probs is None) == (logits is None):
            raise ValueError('Either `probs` or `logits` must be specified, but not both.')
        self._given = []
        self._of_probs = probs is not None

    def _derive(self, name):
        if name == 'probs':
            return logits_to_probs(self.logits, self._binary)
        return probs_to_logits(self.probs, self._binary)

    @property
    def _param(self):
        return self.probs if self._of_probs else self.logits

    @property
    def param_shape(self):
        return self._param.size()

    def _params(self):
        name = 'probs' if self._of_probs else 'logits'
        return {name: getattr(self, name)}
