"""Where parameters and values of distributions lie."""
import torch


class Constraint:
    """A set of tensors.

    `kind` names its form, `bounds` its numbers; `event_dim` is the number of dimensions that it looks at together.
    """

    def __init__(self, kind, test, bounds=None, is_discrete=False, event_dim=0):
        self.kind = kind
        self.test = test
        self.bounds = {} if bounds is None else bounds
        self.is_discrete = is_discrete
        self.event_dim = event_dim
        for name, value in self.bounds.items():
            setattr(self, name, value)

    def check(self, value):
        return self.test(value)

    def __repr__(self):
        return f'{self.kind}({", ".join(f"{name}={value}" for name, value in self.bounds.items())})'


class _Independent(Constraint):
    """As another one, with more dimensions looked at together."""

    def __init__(self, base_constraint, reinterpreted_batch_ndims):
        super().__init__(
            'IndependentConstraint', None, None, base_constraint.is_discrete,
            base_constraint.event_dim + reinterpreted_batch_ndims,
        )
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    def check(self, value):
        result = self.base_constraint.check(value)
        count = self.reinterpreted_batch_ndims
        if result.dim() < count:
            expected = self.base_constraint.event_dim + count
            raise ValueError(f'Expected value.dim() >= {expected} but got {value.dim()}')
        return result.reshape(result.shape[:result.dim() - count] + (-1,)).all(-1)

    def __repr__(self):
        return f'IndependentConstraint({self.base_constraint!r}, {self.reinterpreted_batch_ndims})'


class _Mixture(Constraint):
    """As the components of a mixture have it, each with the same value."""

    def __init__(self, base_constraint):
        super().__init__('MixtureSameFamilyConstraint', None, None, base_constraint.is_discrete, base_constraint.event_dim)
        self.base_constraint = base_constraint

    def check(self, value):
        apart = -1 - self.event_dim
        result = self.base_constraint.check(value.unsqueeze(apart))
        return result.reshape(result.shape[:value.dim() - self.event_dim] + (-1,)).all(-1)

    def __repr__(self):
        return f'{self.kind}({self.base_constraint!r})'


def mixture_same_family(base_constraint):
    return _Mixture(base_constraint)


def _whole(value):
    return value % 1 == 0


def greater_than(lower_bound):
    return Constraint('GreaterThan', lambda x: lower_bound < x, {'lower_bound': lower_bound})


def greater_than_eq(lower_bound):
    return Constraint('GreaterThanEq', lambda x: lower_bound <= x, {'lower_bound': lower_bound})


def less_than(upper_bound):
    return Constraint('LessThan', lambda x: x < upper_bound, {'upper_bound': upper_bound})


def interval(lower_bound, upper_bound):
    return Constraint(
        'Interval', lambda x: (lower_bound <= x) & (x <= upper_bound),
        {'lower_bound': lower_bound, 'upper_bound': upper_bound},
    )


def half_open_interval(lower_bound, upper_bound):
    return Constraint(
        'HalfOpenInterval', lambda x: (lower_bound <= x) & (x < upper_bound),
        {'lower_bound': lower_bound, 'upper_bound': upper_bound},
    )


def integer_interval(lower_bound, upper_bound):
    return Constraint(
        'IntegerInterval', lambda x: _whole(x) & (lower_bound <= x) & (x <= upper_bound),
        {'lower_bound': lower_bound, 'upper_bound': upper_bound}, True,
    )


def _integer_greater_than(lower_bound):
    return Constraint(
        'IntegerGreaterThan', lambda x: _whole(x) & (x >= lower_bound), {'lower_bound': lower_bound}, True
    )


def multinomial(upper_bound):
    found = Constraint(
        'Multinomial', lambda x: (x >= 0).all(-1) & (x.sum(-1) <= upper_bound), None, True, 1
    )
    found.upper_bound = upper_bound
    return found


def independent(base_constraint, reinterpreted_batch_ndims):
    return _Independent(base_constraint, reinterpreted_batch_ndims)


def is_dependent(constraint):
    return constraint.kind == 'Dependent'


def _dependent(x):
    raise ValueError('Cannot determine validity of dependent constraint')


def _lower(x):
    return (x.tril() == x).all(-1).all(-1)


def _lower_cholesky(x):
    return _lower(x) & (x.diagonal(dim1=-2, dim2=-1) > 0).all(-1)


def _unit_rows(x):
    return ((x * x).sum(-1) - 1).abs().lt(1e-5).all(-1)


def _square(x):
    return torch.full(x.shape[:-2], x.shape[-2] == x.shape[-1], dtype=torch.bool)


def _symmetric(x):
    return torch.isclose(x, x.mT, atol=1e-6).all(-2).all(-1)


def _positive_definite(x):
    square = _square(x)
    if not bool(square.all()):
        return square
    symmetric = _symmetric(x)
    return torch.linalg.cholesky_ex(x).info.eq(0) if bool(symmetric.all()) else symmetric


def _positive_semidefinite(x):
    square = _square(x)
    if not bool(square.all()):
        return square
    symmetric = _symmetric(x)
    return torch.linalg.eigvalsh(x).ge(0).all(-1) if bool(symmetric.all()) else symmetric


dependent = Constraint('Dependent', _dependent)
boolean = Constraint('Boolean', lambda x: (x == 0) | (x == 1), None, True)
one_hot = Constraint(
    'OneHot', lambda x: ((x == 0) | (x == 1)).all(-1) & x.sum(-1).eq(1), None, True, 1
)
nonnegative_integer = _integer_greater_than(0)
positive_integer = _integer_greater_than(1)
real = Constraint('Real', lambda x: x == x)
real_vector = independent(real, 1)
positive = greater_than(0.0)
nonnegative = greater_than_eq(0.0)
unit_interval = interval(0.0, 1.0)
simplex = Constraint('Simplex', lambda x: (x >= 0).all(-1) & ((x.sum(-1) - 1).abs() < 1e-6), None, False, 1)
lower_triangular = Constraint('LowerTriangular', _lower, None, False, 2)
lower_cholesky = Constraint('LowerCholesky', _lower_cholesky, None, False, 2)
corr_cholesky = Constraint('CorrCholesky', lambda x: _lower_cholesky(x) & _unit_rows(x), None, False, 2)
square = Constraint('Square', _square, None, False, 2)
symmetric = Constraint('Symmetric', _symmetric, None, False, 2)
positive_semidefinite = Constraint('PositiveSemidefinite', _positive_semidefinite, None, False, 2)
positive_definite = Constraint('PositiveDefinite', _positive_definite, None, False, 2)
