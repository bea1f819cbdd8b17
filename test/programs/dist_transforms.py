# Transforms, and the distributions that they make.
import torch
from torch.distributions import (
    AffineTransform, ComposeTransform, ExpTransform, IndependentTransform, Normal, SigmoidTransform, SoftmaxTransform,
    SoftplusTransform, StickBreakingTransform, TanhTransform, TransformedDistribution, biject_to, constraints, transform_to,
)

x = torch.tensor([0.3, -0.5, 0.25])
for transform in [
    ExpTransform(), AffineTransform(1.0, 2.0), SigmoidTransform(), TanhTransform(), SoftplusTransform(),
    ComposeTransform([AffineTransform(0, 2.0), TanhTransform()]), StickBreakingTransform(),
    IndependentTransform(ExpTransform(), 1), ExpTransform().inv.inv,
]:
    y = transform(x)
    print(transform, y, transform.inv(y))
    print(transform.log_abs_det_jacobian(x, y), transform.domain, transform.codomain)
print(SoftmaxTransform()(x), ExpTransform().sign, AffineTransform(0.0, -1.0).sign)
torch.manual_seed(0)
squashed = TransformedDistribution(Normal(torch.zeros(2), torch.ones(2)), [TanhTransform()])
action = squashed.rsample()
print(squashed, action, squashed.log_prob(action), squashed.sample((3,)).shape)
shifted = TransformedDistribution(Normal(torch.zeros(2), torch.ones(2)), [AffineTransform(1.0, -2.0), ExpTransform()])
print(shifted.log_prob(torch.tensor([1.0, 2.0])), shifted.cdf(torch.tensor([1.0, 2.0])), shifted.icdf(torch.tensor([0.3, 0.7])))
print(transform_to(constraints.positive)(x), biject_to(constraints.unit_interval)(x))
print(transform_to(constraints.simplex)(x), biject_to(constraints.simplex)(x))
print(transform_to(constraints.interval(-1.0, 3.0))(x), transform_to(constraints.lower_cholesky)(torch.ones(2, 2)))
print(constraints.positive, constraints.simplex, constraints.real_vector, constraints.integer_interval(0, 3))
print(constraints.positive.check(torch.tensor([1.0, -1.0])), constraints.positive_definite.check(torch.eye(2)))
