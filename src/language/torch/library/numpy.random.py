"""NumPy's numbers under a seed, those of `RandomState`. A program that sets no seed has seed 0."""
import numpy as np
import torch


def _count(size):
    if size is None:
        return 1
    count = 1
    for each in np._shape(size):
        if each < 0:
            raise ValueError('negative dimensions are not allowed')
        count *= each
    return count


def _shaped(flat, size):
    return flat[0].item() if size is None else np._keep(flat.reshape(np._shape(size)))


def _scaled(draw, size, low, by):
    """`low + by * x` of drawn numbers, over arrays where low and by are arrays."""
    low, by = np._asarray(low), np._asarray(by)
    if size is None and low.ndim + by.ndim > 0:
        size = np.broadcast_to(low, torch.broadcast_tensors(low_of(low), low_of(by))[0].shape).shape
    flat = draw(_count(size))
    if size is None:
        return low.item() + by.item() * flat[0].item()
    return np._keep(low_of(low).to(torch.float64) + low_of(by).to(torch.float64) * flat.reshape(np._shape(size)))


def low_of(array):
    return np._tensor(array)


class RandomState:
    def __init__(self, seed=None):
        self._own = _generator(None if seed is None else np._int(seed))

    def seed(self, seed=None):
        _seed(self._own, None if seed is None else np._int(seed))

    def random_sample(self, size=None):
        return _shaped(_doubles(self._own, _count(size)), size)

    def random(self, size=None):
        return self.random_sample(size)

    def rand(self, *shape):
        return self.random_sample(shape if len(shape) > 0 else None)

    def standard_normal(self, size=None):
        return _shaped(_normals(self._own, _count(size)), size)

    def randn(self, *shape):
        return self.standard_normal(shape if len(shape) > 0 else None)

    def uniform(self, low=0.0, high=1.0, size=None):
        return _scaled(lambda count: _doubles(self._own, count), size, low, np._asarray(high) - np._asarray(low))

    def normal(self, loc=0.0, scale=1.0, size=None):
        if bool(np.any(np._asarray(scale) < 0)):
            raise ValueError('scale < 0')
        return _scaled(lambda count: _normals(self._own, count), size, loc, scale)

    def exponential(self, scale=1.0, size=None):
        return _shaped(_exponentials(self._own, _count(size), scale), size)

    def randint(self, low, high=None, size=None, dtype=int):
        if high is None:
            low, high = 0, low
        found = _shaped(_integers(self._own, np._int(low), np._int(high), _count(size)), size)
        return found if size is None else found.astype(dtype, copy=False)

    def permutation(self, x):
        if isinstance(x, (int, np.integer)):
            return np._keep(_shuffled(self._own, x))
        array = np._asarray(x)
        return np._keep(np._tensor(array)[_shuffled(self._own, len(array))])

    def shuffle(self, x):
        order = _shuffled(self._own, len(x))
        if isinstance(x, np.ndarray):
            x[...] = np._keep(np._tensor(x)[order])
        else:
            x[:] = [x[i] for i in order.tolist()]

    def choice(self, a, size=None, replace=True, p=None):
        choices = None if isinstance(a, (int, np.integer)) else np._asarray(a) if not _texts(a) else list(a)
        n = np._int(a) if choices is None else len(choices)
        if n <= 0:
            raise ValueError('a must be greater than 0 unless no samples are taken' if choices is None
                             else "'a' cannot be empty unless no samples are taken")
        count = _count(size)
        if p is not None:
            p = np.asarray(p, np.float64)
            if len(p) != n:
                raise ValueError("'a' and 'p' must have same size")
            if bool(np.any(p < 0)):
                raise ValueError('probabilities are not non-negative')
            if abs(float(np.sum(p)) - 1) > 1e-8:
                raise ValueError('probabilities do not sum to 1')
        if replace:
            places = _integers(self._own, 0, n, count) if p is None else _found(p, _doubles(self._own, count))
        elif count > n:
            raise ValueError("Cannot take a larger sample than population when 'replace=False'")
        elif p is None:
            places = _shuffled(self._own, n)[:count]
        else:
            places = self._without(p.copy(), count)
        if isinstance(choices, list):
            if size is not None:
                raise TypeError('there are no arrays of texts here: choose one at a time')
            return choices[int(places[0])]
        if size is None:
            return int(places[0]) if choices is None else choices[int(places[0])]
        shape = np._shape(size)
        if choices is None:
            return np._keep(places.reshape(shape))
        taken = np._tensor(choices)[places]
        return np._keep(taken.reshape(shape + tuple(taken.shape[1:])))

    def _without(self, p, count):
        """Places with given chances, none twice."""
        if int(np.count_nonzero(p > 0)) < count:
            raise ValueError('Fewer non-zero entries in p than size')
        chosen = []
        while len(chosen) < count:
            drawn = _doubles(self._own, count - len(chosen))
            for i in chosen:
                p[i] = 0
            for i in _found(p, drawn).tolist():
                if i not in chosen:
                    chosen.append(i)
        return torch.tensor(chosen)


def _texts(a):
    return isinstance(a, (list, tuple)) and any([not np._is_number(each) for each in a]) and not isinstance(
        a[0], (np.ndarray, np.generic, list, tuple, torch.Tensor))


def _found(p, drawn):
    sums = np.cumsum(p)
    return torch.searchsorted(np._tensor(sums / sums[-1]), drawn, right=True)


_own_state = RandomState()
seed = _own_state.seed
random_sample = _own_state.random_sample
random = _own_state.random
ranf = _own_state.random_sample
rand = _own_state.rand
randn = _own_state.randn
standard_normal = _own_state.standard_normal
uniform = _own_state.uniform
normal = _own_state.normal
exponential = _own_state.exponential
randint = _own_state.randint
permutation = _own_state.permutation
shuffle = _own_state.shuffle
choice = _own_state.choice
