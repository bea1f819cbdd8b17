# What distributions refuse, and how they say it.
import torch
from torch.distributions import Bernoulli, Beta, Categorical, Independent, MultivariateNormal, Normal, Uniform, kl_divergence


def attempt(f):
    try:
        print(f())
    except (ValueError, NotImplementedError) as e:
        print(type(e).__name__, e)


attempt(lambda: Normal(0.0, -1.0))
attempt(lambda: Normal(torch.tensor([0.0, 1.0]), torch.tensor([1.0, -1.0])))
attempt(lambda: Normal('a', 1))
attempt(lambda: Normal(0.0, 1.0).log_prob(1.0))
attempt(lambda: Normal(torch.zeros(3), torch.ones(3)).log_prob(torch.zeros(2)))
attempt(lambda: Normal(0.0, 1.0).enumerate_support())
attempt(lambda: Bernoulli(torch.tensor(0.3)).log_prob(torch.tensor([2.0])))
attempt(lambda: Bernoulli(0.3, logits=2))
attempt(lambda: Bernoulli())
attempt(lambda: Bernoulli(1.5))
attempt(lambda: Categorical(torch.tensor(0.3)))
attempt(lambda: Categorical(torch.tensor([0.3, -0.1])))
attempt(lambda: Categorical(torch.tensor([0.3, 0.1])).log_prob(torch.tensor(3)))
attempt(lambda: Categorical(torch.tensor([0.3, 0.1])).rsample())
attempt(lambda: Uniform(1.0, 0.0))
attempt(lambda: Uniform(0.0, 1.0).log_prob(torch.tensor(2.0)))
attempt(lambda: MultivariateNormal(torch.zeros(2), torch.zeros(2, 2)))
attempt(lambda: MultivariateNormal(torch.zeros(2)))
attempt(lambda: MultivariateNormal(torch.tensor(0.0), torch.eye(2)))
attempt(lambda: Independent(Normal(torch.zeros(2), 1.0), 2))
attempt(lambda: Independent(Normal(torch.zeros(2), torch.ones(2)), 1).log_prob(torch.zeros(3)))
attempt(lambda: kl_divergence(Normal(0.0, 1.0), Categorical(torch.tensor([0.3, 0.1]))))
attempt(lambda: Normal(0.0, -1.0, validate_args=False).scale)
Beta(-1.0, 2.0)
