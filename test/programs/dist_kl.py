# Divergences of distributions, and their gradients.
import torch
from torch.distributions import (
    Bernoulli, Binomial, Categorical, Cauchy, Dirichlet, Exponential, Gamma, Geometric, Gumbel, Independent, Laplace,
    LogNormal, MultivariateNormal, Normal, OneHotCategorical, Pareto, Poisson, Uniform, kl_divergence, register_kl,
)

one, two = torch.tensor(1.0), torch.tensor(2.0)
mu = torch.tensor([0.5, -0.5], requires_grad=True)
rho = torch.tensor([0.1, 0.2], requires_grad=True)
q = Normal(mu, torch.nn.functional.softplus(rho))
kl = kl_divergence(q, Normal(0.0, 1.0)).sum()
kl.backward()
print(kl, mu.grad, rho.grad)
pairs = [
    (Bernoulli(one / 4), Bernoulli(one / 2)), (Binomial(5, one / 4), Binomial(5, one / 2)),
    (Categorical(torch.tensor([0.1, 0.9])), Categorical(torch.tensor([0.5, 0.5]))),
    (OneHotCategorical(torch.tensor([0.1, 0.9])), OneHotCategorical(torch.tensor([0.5, 0.5]))),
    (Cauchy(0.0, one), Cauchy(1.0, two)), (Dirichlet(torch.tensor([1.0, 2.0])), Dirichlet(torch.tensor([3.0, 4.0]))),
    (Exponential(one), Exponential(two)), (Gamma(one, two), Gamma(two, one)), (Geometric(one / 4), Geometric(one / 2)),
    (Gumbel(0.0, one), Gumbel(1.0, two)), (Laplace(0.0, one), Laplace(1.0, two)), (LogNormal(0.0, one), LogNormal(1.0, two)),
    (MultivariateNormal(torch.zeros(2), torch.eye(2)), MultivariateNormal(torch.ones(2), 2 * torch.eye(2))),
    (Independent(Normal(torch.zeros(2), 1.0), 1), Independent(Normal(torch.ones(2), 2.0), 1)),
    (Poisson(one), Poisson(two)), (Pareto(one, two), Pareto(one, two + 1)), (Uniform(0.0, one), Uniform(-1.0, two)),
    (Uniform(0.0, one), Normal(0.0, one)), (Normal(0.0, one), Uniform(0.0, one)), (Normal(0.0, one), Laplace(0.0, one)),
    (Laplace(0.0, one), Normal(0.0, one)), (Exponential(one), Gamma(two, one)), (Gamma(two, one), Exponential(one)),
]
for p, q in pairs:
    print(type(p).__name__, type(q).__name__, kl_divergence(p, q))


class Mine(Normal):
    pass


@register_kl(Mine, Normal)
def _(p, q):
    return torch.tensor(42.0)


print(kl_divergence(Mine(0.0, 1.0), Normal(0.0, 1.0)), kl_divergence(Normal(0.0, 1.0), Mine(0.0, 1.0)))
