"""Probability distributions: each is loaded when a program first asks for it."""
from torch.distributions import constraints, transforms
from torch.distributions.distribution import Distribution, ExponentialFamily

_names = {
    'bernoulli': 'Bernoulli',
    'beta': 'Beta',
    'binomial': 'Binomial',
    'categorical': 'Categorical',
    'cauchy': 'Cauchy',
    'chi2': 'Chi2',
    'constraint_registry': 'biject_to transform_to',
    'dirichlet': 'Dirichlet',
    'exponential': 'Exponential',
    'fishersnedecor': 'FisherSnedecor',
    'gamma': 'Gamma',
    'geometric': 'Geometric',
    'gumbel': 'Gumbel',
    'half_cauchy': 'HalfCauchy',
    'half_normal': 'HalfNormal',
    'independent': 'Independent',
    'inverse_gamma': 'InverseGamma',
    'kl': 'kl_divergence register_kl',
    'kumaraswamy': 'Kumaraswamy',
    'laplace': 'Laplace',
    'log_normal': 'LogNormal',
    'logistic_normal': 'LogisticNormal',
    'lowrank_multivariate_normal': 'LowRankMultivariateNormal',
    'mixture_same_family': 'MixtureSameFamily',
    'multinomial': 'Multinomial',
    'multivariate_normal': 'MultivariateNormal',
    'negative_binomial': 'NegativeBinomial',
    'normal': 'Normal',
    'one_hot_categorical': 'OneHotCategorical OneHotCategoricalStraightThrough',
    'pareto': 'Pareto',
    'poisson': 'Poisson',
    'relaxed_bernoulli': 'RelaxedBernoulli',
    'relaxed_categorical': 'RelaxedOneHotCategorical',
    'studentT': 'StudentT',
    'transformed_distribution': 'TransformedDistribution',
    'transforms': (
        'AbsTransform AffineTransform ComposeTransform CumulativeDistributionTransform ExpTransform '
        'IndependentTransform LowerCholeskyTransform PowerTransform ReshapeTransform SigmoidTransform '
        'SoftmaxTransform SoftplusTransform StickBreakingTransform TanhTransform Transform identity_transform'
    ),
    'uniform': 'Uniform',
    'von_mises': 'VonMises',
    'weibull': 'Weibull',
}
_homes = {name: home for home, names in _names.items() for name in names.split()}


def __getattr__(name):
    if name not in _homes:
        raise AttributeError(f"module 'torch.distributions' has no attribute '{name}'")
    import torch
    return getattr(getattr(torch.distributions, _homes[name]), name)
