"""Mixtures of distributions of one family."""
import torch
from torch.distributions import constraints
from torch.distributions.categorical import Categorical
from torch.distributions.distribution import Distribution


class MixtureSameFamily(Distribution):
    arg_constraints = {}
    has_rsample = False

    def __init__(self, mixture_distribution, component_distribution, validate_args=None):
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(
                ' The Mixture distribution needs to be an  instance of torch.distributions.Categorical'
            )
        if not isinstance(component_distribution, Distribution):
            raise ValueError(
                'The Component distribution need to be an instance of torch.distributions.Distribution'
            )
        batch = component_distribution.batch_shape[:-1]
        for ours, theirs in zip(reversed(mixture_distribution.batch_shape), reversed(batch)):
            if ours != 1 and theirs != 1 and ours != theirs:
                raise ValueError(
                    f'`mixture_distribution.batch_shape` ({mixture_distribution.batch_shape}) is not compatible with '
                    f'`component_distribution.batch_shape`({batch})'
                )
        count = mixture_distribution.logits.shape[-1]
        own = component_distribution.batch_shape[-1]
        if count != own:
            raise ValueError(
                f'`mixture_distribution component` ({count}) does not equal `component_distribution.batch_shape[-1]` '
                f'({own})'
            )
        self._mixture_distribution = mixture_distribution
        self._component_distribution = component_distribution
        self._num_component = count
        super().__init__(batch, component_distribution.event_shape, validate_args=validate_args)

    @property
    def mixture_distribution(self):
        return self._mixture_distribution

    @property
    def component_distribution(self):
        return self._component_distribution

    @property
    def support(self):
        return constraints.mixture_same_family(self._component_distribution.support)

    def expand(self, batch_shape, _instance=None):
        shape = torch.Size(batch_shape)
        return MixtureSameFamily(
            self._mixture_distribution.expand(shape),
            self._component_distribution.expand(shape + (self._num_component,)), validate_args=False,
        )

    @property
    def _events(self):
        return len(self._event_shape)

    @property
    def _weights(self):
        probs = self._mixture_distribution.probs
        return probs.reshape(probs.shape + (1,) * self._events)

    @property
    def mean(self):
        return torch.sum(self._weights * self._component_distribution.mean, dim=-1 - self._events)

    @property
    def variance(self):
        dim = -1 - self._events
        within = torch.sum(self._weights * self._component_distribution.variance, dim=dim)
        apart = self._component_distribution.mean - self.mean.unsqueeze(dim)
        return within + torch.sum(self._weights * apart.pow(2.0), dim=dim)

    def cdf(self, x):
        found = self._component_distribution.cdf(x.unsqueeze(-1 - self._events))
        return torch.sum(found * self._mixture_distribution.probs, dim=-1)

    def log_prob(self, x):
        self._checked(x)
        found = self._component_distribution.log_prob(x.unsqueeze(-1 - self._events))
        return torch.logsumexp(found + torch.log_softmax(self._mixture_distribution.logits, dim=-1), dim=-1)

    def sample(self, sample_shape=torch.Size()):
        with torch.no_grad():
            sample_shape = torch.Size(sample_shape)
            dim = len(sample_shape) + len(self._batch_shape)
            chosen = self._mixture_distribution.sample(sample_shape)
            samples = self._component_distribution.sample(sample_shape)
            places = chosen.reshape(chosen.shape + (1,) * (self._events + 1))
            repeats = (1,) * len(chosen.shape) + (1,) + tuple(self._event_shape)
            return torch.gather(samples, dim, places.repeat(*repeats)).squeeze(dim)

    def __repr__(self):
        return f'MixtureSameFamily(\n  {self._mixture_distribution},\n  {self._component_distribution})'
