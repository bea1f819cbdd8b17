"""Transforms from all numbers to where a constraint holds."""
from torch.distributions import transforms


class ConstraintRegistry:
    def __init__(self):
        self._factories = {}

    def register(self, constraint, factory=None):
        if factory is None:
            return lambda given: self.register(constraint, given)
        self._factories[constraint.kind] = factory
        return factory

    def __call__(self, constraint):
        factory = self._factories.get(constraint.kind)
        if factory is None:
            raise NotImplementedError(f'Cannot transform {constraint.kind} constraints')
        return factory(constraint)


biject_to = ConstraintRegistry()
transform_to = ConstraintRegistry()


def _above(constraint):
    return transforms.ComposeTransform([
        transforms.ExpTransform(), transforms.AffineTransform(constraint.lower_bound, 1)
    ])


def _below(constraint):
    return transforms.ComposeTransform([
        transforms.ExpTransform(), transforms.AffineTransform(constraint.upper_bound, -1)
    ])


def _between(constraint):
    low, high = constraint.lower_bound, constraint.upper_bound
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low == 0 and high == 1:
        return transforms.SigmoidTransform()
    return transforms.ComposeTransform([
        transforms.SigmoidTransform(), transforms.AffineTransform(low, high - low)
    ])


for registry in (biject_to, transform_to):
    registry._factories = {
        'Real': lambda constraint: transforms.identity_transform,
        'GreaterThan': _above, 'GreaterThanEq': _above, 'LessThan': _below, 'Interval': _between,
        'HalfOpenInterval': _between, 'LowerCholesky': lambda constraint: transforms.LowerCholeskyTransform(),
        'PositiveDefinite': lambda constraint: transforms.PositiveDefiniteTransform(),
        'IndependentConstraint': lambda constraint, find=registry: transforms.IndependentTransform(
            find(constraint.base_constraint), constraint.reinterpreted_batch_ndims
        ),
    }
biject_to._factories['Simplex'] = lambda constraint: transforms.StickBreakingTransform()
transform_to._factories['Simplex'] = lambda constraint: transforms.SoftmaxTransform()
