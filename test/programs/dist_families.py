# Many families: what is drawn under a seed, densities and moments.
import torch
from torch.distributions import (
    Beta, Binomial, Cauchy, Chi2, Dirichlet, Exponential, FisherSnedecor, Gamma, Geometric, Gumbel, HalfCauchy, HalfNormal,
    InverseGamma, Kumaraswamy, Laplace, LogNormal, Multinomial, NegativeBinomial, Pareto, Poisson, StudentT, VonMises, Weibull,
)

pair = torch.tensor([1.0, 2.0])
continuous = [
    Exponential(pair), Gamma(pair, pair), Beta(pair, pair), Laplace(pair, 1.0), Cauchy(0.0, pair), HalfNormal(pair),
    HalfCauchy(pair), LogNormal(pair, 1.0), Gumbel(pair, pair), Pareto(pair, pair + 2), Weibull(pair, pair),
    Kumaraswamy(pair, pair), StudentT(pair + 2), InverseGamma(pair + 2, pair), Chi2(pair + 2), FisherSnedecor(pair + 2, pair + 4), VonMises(pair, pair),
]
torch.manual_seed(0)
for d in continuous:
    print(d, d.support)
    drawn = d.sample()
    print(drawn, d.sample((2, 3)).shape)
    print(d.mean, d.variance)
    print(d.log_prob(drawn))
discrete = [
    Poisson(pair * 8), Geometric(pair / 4), Binomial(30, pair / 4), NegativeBinomial(pair + 2, pair / 4),
    Multinomial(5, pair / 3), Dirichlet(pair),
]
for d in discrete:
    print(d, d.batch_shape, d.event_shape)
    drawn = d.sample()
    print(drawn, d.log_prob(drawn))
    print(d.mean, d.variance)
