# The distributions of every day: drawing, densities, moments, entropy, gradients.
import torch
from torch.distributions import Bernoulli, Categorical, Independent, MultivariateNormal, Normal, OneHotCategorical, Uniform

torch.manual_seed(0)
mu = torch.tensor([0.5, -1.0], requires_grad=True)
normal = Normal(mu, torch.tensor([1.0, 2.0]))
print(normal, normal.batch_shape, normal.event_shape, normal.support)
print(normal.rsample(), normal.sample((3,)))
print(normal.log_prob(torch.tensor([1.0, 2.0])), normal.entropy(), normal.cdf(torch.zeros(2)))
print(normal.mean, normal.variance, normal.stddev, normal.mode, normal.icdf(torch.tensor([0.3, 0.7])))
normal.log_prob(torch.tensor([1.0, 2.0])).sum().backward()
print(mu.grad)

probs = torch.tensor([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]], requires_grad=True)
categorical = Categorical(probs)
print(categorical.sample(), categorical.sample((4,)), categorical)
print(categorical.log_prob(torch.tensor([1, 2])), categorical.entropy(), categorical.mode)
print(categorical.probs, categorical.logits, categorical.enumerate_support())
print(Categorical(logits=torch.tensor([1.0, 2.0, 3.0])).probs)

bernoulli = Bernoulli(torch.tensor([0.2, 0.5, 0.8]))
print(bernoulli.sample((4,)), bernoulli.log_prob(torch.tensor([1.0, 0.0, 1.0])), bernoulli.entropy())
print(bernoulli.mean, bernoulli.variance, bernoulli.mode, bernoulli.logits)

uniform = Uniform(torch.tensor([0.0, 1.0]), 3.0)
print(uniform.sample(), uniform.rsample((2,)), uniform.log_prob(torch.tensor([1.0, 2.0])), uniform.entropy())

both = MultivariateNormal(torch.zeros(2), torch.tensor([[2.0, 0.5], [0.5, 1.0]]))
print(both, both.sample(), both.rsample((2,)))
print(both.log_prob(torch.tensor([1.0, 2.0])), both.entropy(), both.variance)
print(both.precision_matrix, both.scale_tril)

rows = Independent(Normal(torch.zeros(3, 2), torch.ones(3, 2)), 1)
print(rows, rows.batch_shape, rows.event_shape, rows.log_prob(torch.zeros(3, 2)), rows.entropy())
one_hot = OneHotCategorical(torch.tensor([0.2, 0.3, 0.5]))
print(one_hot.sample((3,)), one_hot.log_prob(torch.tensor([0.0, 1.0, 0.0])))
print(normal.expand((3, 2)), normal.expand((3, 2)).sample().shape)
