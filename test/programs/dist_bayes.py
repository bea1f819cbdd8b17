# Bayesian scripts: a posterior by gradient, reparameterised gammas, mixtures.
import torch
from torch.distributions import Beta, Binomial, Categorical, Gamma, MixtureSameFamily, MultivariateNormal, Normal

torch.manual_seed(0)
heads = torch.tensor(7.0)
logit = torch.zeros((), requires_grad=True)
optimizer = torch.optim.SGD([logit], lr=0.1)
for _ in range(50):
    optimizer.zero_grad()
    p = torch.sigmoid(logit)
    loss = -(Beta(2.0, 2.0).log_prob(p) + Binomial(10, p).log_prob(heads))
    loss.backward()
    optimizer.step()
print(f'{torch.sigmoid(logit).item():.4f}')

shape = torch.tensor([0.5, 1.0, 3.0, 20.0], requires_grad=True)
drawn = Gamma(shape, 2.0).rsample()
drawn.sum().backward()
print(drawn, [f'{g:.2f}' for g in shape.grad.tolist()])

mixture = MixtureSameFamily(Categorical(torch.tensor([0.3, 0.7])), Normal(torch.tensor([-2.0, 2.0]), torch.tensor([1.0, 0.5])))
print(mixture, mixture.sample((4,)))
print(mixture.log_prob(torch.tensor([0.0, 1.0])), mixture.mean, mixture.variance, mixture.cdf(torch.tensor(0.0)))

scale = torch.tensor([[1.0, 0.0], [0.5, 1.5]], requires_grad=True)
normal = MultivariateNormal(torch.zeros(2), scale_tril=scale)
normal.log_prob(torch.tensor([[1.0, 2.0], [0.0, -1.0]])).sum().backward()
print(scale.grad)
