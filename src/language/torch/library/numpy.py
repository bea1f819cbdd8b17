"""NumPy's functions over the operations of torch. Names with an underscore are the host's."""
import math
import torch

# The module hides these.
_larger, _range, _any = max, range, any


class AxisError(ValueError, IndexError):
    pass


def _float(tensor):
    """A tensor of floats: ints and bools are float64."""
    return tensor if tensor.is_floating_point() else tensor.to(torch.float64)


def _axis(tensor, axis):
    if axis is None:
        return None
    axis = _int(axis)
    if axis < -tensor.ndim or axis >= tensor.ndim:
        raise AxisError(f'axis {axis} is out of bounds for array of dimension {tensor.ndim}')
    return axis % tensor.ndim


def _axes(tensor, axis):
    """The dimensions that an axis names, all for None."""
    if axis is None:
        return list(_range(tensor.ndim))
    return [_axis(tensor, each) for each in axis] if isinstance(axis, (tuple, list)) else [_axis(tensor, axis)]


def _shape(shape):
    return tuple([_int(size) for size in shape]) if isinstance(shape, (tuple, list, ndarray, torch.Size)) else (_int(shape),)


def _alike(*values):
    """Tensors of the dtype that the values have in common."""
    dtype = _common(*values)
    return [_cast(_tensor(value), dtype) for value in values]


def _tight(shape):
    return '(' + ','.join([str(size) for size in shape]) + (',)' if len(shape) == 1 else ')')


def _sizes(shape):
    sizes = _shape(shape)
    if _any([size < 0 for size in sizes]):
        raise ValueError('negative dimensions are not allowed')
    return sizes


# Making arrays

def array(object, dtype=None, *, copy=True, ndmin=0):
    tensor = _tensor(object)
    made = _cast(tensor, dtype)
    if copy and made is tensor and isinstance(object, (ndarray, torch.Tensor, generic)):
        made = made.clone()
    while made.ndim < ndmin:
        made = made.unsqueeze(0)
    return _keep(made)


def asarray(a, dtype=None):
    if isinstance(a, ndarray) and (dtype is None or a.dtype == dtype):
        return a
    return _keep(_cast(_tensor(a), dtype))


ascontiguousarray = asarray
asanyarray = asarray


def zeros(shape, dtype=float64):
    return _keep(torch.zeros(_sizes(shape), dtype=_torch_dtype(dtype or float64)))


def ones(shape, dtype=float64):
    return _keep(torch.ones(_sizes(shape), dtype=_torch_dtype(dtype or float64)))


empty = zeros


def full(shape, fill_value, dtype=None):
    value = _cast(_tensor(fill_value), dtype)
    return _keep(value.expand(_sizes(shape)).clone())


def zeros_like(a, dtype=None):
    return _keep(_cast(torch.zeros_like(_tensor(a)), dtype))


def ones_like(a, dtype=None):
    return _keep(_cast(torch.ones_like(_tensor(a)), dtype))


empty_like = zeros_like


def full_like(a, fill_value, dtype=None):
    return full(_tensor(a).shape, fill_value, dtype or asarray(a).dtype)


def eye(N, M=None, k=0, dtype=float64):
    rows, columns = _int(N), _int(N if M is None else M)
    places = torch.arange(columns).unsqueeze(0) - torch.arange(rows).unsqueeze(1)
    return _keep(_cast((places == k), dtype))


def identity(n, dtype=float64):
    return eye(n, dtype=dtype)


def arange(start, stop=None, step=1, dtype=None):
    if stop is None:
        start, stop = 0, start
    given = [each.item() if isinstance(each, (ndarray, generic)) else each for each in (start, stop, step)]
    start, stop, step = given
    kind = _common(*given)
    if step == 0:
        raise ZeroDivisionError('division by zero')
    count = _larger(0, math.ceil((stop - start) / step))
    # NumPy's numbers: the first, and multiples of the distance to the second.
    places = torch.arange(count)
    wanted = dtype if dtype is not None else kind
    if kind == float64 and _torch_dtype(wanted).is_floating_point:
        first, second = [torch.tensor(float(each), dtype=_torch_dtype(wanted)) for each in (start, start + step)]
        places = places.to(first.dtype) * (second - first) + first
        if count > 1:
            places[1] = second
    else:
        places = places * step + start
    return _keep(_cast(places, wanted))


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None):
    num = _int(num)
    if num < 0:
        raise ValueError(f'Number of samples, {num}, must be non-negative.')
    start, stop = float(start), float(stop)
    parts = num - 1 if endpoint else num
    places = torch.arange(num).to(torch.float64)
    step = math.nan
    if parts > 0:
        step = (stop - start) / parts
        places = places * step if step != 0 else places / parts * (stop - start)
    else:
        places = places * (stop - start)
    places = places + start
    if endpoint and num > 1:
        places[-1] = stop
    if dtype is not None and _torch_dtype(dtype) in (torch.int64, torch.int32):
        places = torch.floor(places)
    made = _keep(_cast(places, dtype))
    return (made, float64(step)) if retstep else made


def logspace(start, stop, num=50, endpoint=True, base=10.0):
    return power(base, linspace(start, stop, num, endpoint))


def meshgrid(*xi, indexing='xy'):
    tensors = [_tensor(x).reshape(-1) for x in xi]
    return tuple([_keep(each.clone()) for each in torch.meshgrid(*tensors, indexing=indexing)])


def diag(v, k=0):
    return _keep(torch.diag(_tensor(v), k).clone())


def tril(m, k=0):
    return _keep(torch.tril(_tensor(m), k))


def triu(m, k=0):
    return _keep(torch.triu(_tensor(m), k))


# Shapes

def reshape(a, shape):
    tensor = _tensor(a)
    wanted = _shape(shape)
    known = 1
    for size in wanted:
        known *= size if size >= 0 else 1
    open_sizes = len([size for size in wanted if size < 0])
    if open_sizes > 1:
        raise ValueError('can only specify one unknown dimension')
    if known != tensor.numel() if open_sizes == 0 else known == 0 or tensor.numel() % known != 0:
        raise ValueError(f'cannot reshape array of size {tensor.numel()} into shape {_tight(wanted)}')
    return _keep(tensor.reshape(wanted))


def _reshape(a, *shape):
    return reshape(a, shape[0] if len(shape) == 1 else shape)


def transpose(a, axes=None):
    tensor = _tensor(a)
    if axes is None:
        axes = list(_range(tensor.ndim))[::-1]
    if len(axes) != tensor.ndim:
        raise ValueError("axes don't match array")
    return _keep(tensor.permute([_axis(tensor, axis) for axis in axes]))


def _transpose(a, *axes):
    if len(axes) == 1:
        return transpose(a, axes[0] if axes[0] is None or isinstance(axes[0], (tuple, list)) else axes)
    return transpose(a, axes if len(axes) > 0 else None)


def swapaxes(a, axis1, axis2):
    tensor = _tensor(a)
    return _keep(tensor.transpose(_axis(tensor, axis1), _axis(tensor, axis2)))


def moveaxis(a, source, destination):
    return _keep(torch.movedim(_tensor(a), source, destination))


def ravel(a):
    return _keep(_tensor(a).reshape(-1))


def _copy_ravel(a):
    return _keep(_tensor(a).reshape(-1).clone())


def _copy(a):
    return _wrap(_tensor(a).clone()) if isinstance(a, generic) else _keep(_tensor(a).clone())


def copy(a):
    return _keep(_tensor(a).clone())


def _astype(a, dtype, copy=True):
    tensor = _tensor(a)
    made = _cast(tensor, dtype)
    if made is tensor and copy:
        made = tensor.clone()
    return _wrap(made) if isinstance(a, generic) else _keep(made)


def _fill(a, value):
    a[...] = value


def squeeze(a, axis=None):
    tensor = _tensor(a)
    axes = _axes(tensor, axis)
    if axis is None:
        return _keep(tensor.squeeze())
    for each in axes:
        if tensor.shape[each] != 1:
            raise ValueError('cannot select an axis to squeeze out which has size not equal to one')
    return _keep(tensor.squeeze(tuple(axes)))


def expand_dims(a, axis):
    tensor = _tensor(a)
    if axis < -tensor.ndim - 1 or axis > tensor.ndim:
        raise AxisError(f'axis {axis} is out of bounds for array of dimension {tensor.ndim + 1}')
    return _keep(tensor.unsqueeze(axis))


def broadcast_to(array, shape):
    return _keep(_tensor(array).expand(_shape(shape)))


def atleast_1d(a):
    tensor = _tensor(a)
    return _keep(tensor if tensor.ndim > 0 else tensor.reshape(1))


def atleast_2d(a):
    tensor = _tensor(a)
    return _keep(tensor if tensor.ndim > 1 else tensor.reshape(1, -1))


def shape(a):
    return asarray(a).shape


def ndim(a):
    return asarray(a).ndim


def size(a):
    return asarray(a).size


def concatenate(arrays, axis=0):
    tensors = _alike(*[asarray(each) for each in arrays])
    if len(tensors) == 0:
        raise ValueError('need at least one array to concatenate')
    if axis is None:
        return _keep(torch.cat([each.reshape(-1) for each in tensors]))
    first = tensors[0]
    if first.ndim == 0:
        raise ValueError('zero-dimensional arrays cannot be concatenated')
    axis = _axis(first, axis)
    for i, each in enumerate(tensors):
        if each.ndim != first.ndim:
            raise ValueError(
                'all the input arrays must have same number of dimensions, '
                f'but the array at index 0 has {first.ndim} dimension(s) '
                f'and the array at index {i} has {each.ndim} dimension(s)'
            )
        for d in _range(first.ndim):
            if d != axis and each.shape[d] != first.shape[d]:
                raise ValueError(
                    'all the input array dimensions except for the concatenation axis must match exactly, '
                    f'but along dimension {d}, the array at index 0 has size {first.shape[d]} '
                    f'and the array at index {i} has size {each.shape[d]}'
                )
    return _keep(torch.cat(tensors, axis))


def stack(arrays, axis=0):
    tensors = _alike(*[asarray(each) for each in arrays])
    if len(tensors) == 0:
        raise ValueError('need at least one array to stack')
    if _any([each.shape != tensors[0].shape for each in tensors]):
        raise ValueError('all input arrays must have the same shape')
    return _keep(torch.stack(tensors, axis))


def vstack(tup):
    return concatenate([atleast_2d(each) for each in tup])


def hstack(tup):
    arrays = [atleast_1d(each) for each in tup]
    return concatenate(arrays, 0 if len(arrays) > 0 and arrays[0].ndim == 1 else 1)


def column_stack(tup):
    arrays = [asarray(each) for each in tup]
    return concatenate([each.reshape(-1, 1) if each.ndim < 2 else each for each in arrays], 1)


def split(ary, indices_or_sections, axis=0):
    tensor = _tensor(ary)
    axis = _axis(tensor, axis)
    if isinstance(indices_or_sections, (list, tuple, ndarray)):
        places = [_int(each) for each in indices_or_sections]
        return [_keep(each) for each in torch.tensor_split(tensor, places, axis)]
    if tensor.shape[axis] % indices_or_sections != 0:
        raise ValueError('array split does not result in an equal division')
    return [_keep(each) for each in torch.tensor_split(tensor, indices_or_sections, axis)]


def array_split(ary, indices_or_sections, axis=0):
    return [_keep(each) for each in torch.tensor_split(_tensor(ary), indices_or_sections, axis)]


def tile(A, reps):
    return _keep(torch.tile(_tensor(A), _shape(reps)))


def repeat(a, repeats, axis=None):
    tensor = _tensor(a)
    if axis is None:
        tensor, axis = tensor.reshape(-1), 0
    if isinstance(repeats, (list, tuple, ndarray)):
        repeats = _tensor(repeats)
    return _keep(torch.repeat_interleave(tensor, repeats, dim=_axis(tensor, axis)))


def flip(m, axis=None):
    tensor = _tensor(m)
    return _keep(torch.flip(tensor, _axes(tensor, axis)))


def roll(a, shift, axis=None):
    return _keep(torch.roll(_tensor(a), shift, axis) if axis is not None else torch.roll(_tensor(a), shift))


def take(a, indices, axis=None):
    tensor = _tensor(a)
    if axis is None:
        tensor, axis = tensor.reshape(-1), 0
    return _wrap_like(asarray(_keep(tensor))[(slice(None),) * _axis(tensor, axis) + (asarray(indices, int64),)])


def _wrap_like(a):
    return _wrap(_tensor(a).clone()) if a.ndim == 0 else a


# Element by element

def _unary(name):
    operation = getattr(torch, name)

    def apply(x):
        if isinstance(x, torch.Tensor):
            return operation(x)
        return _wrap(operation(_float(_tensor(x))))

    return apply


exp, log, log2, log10, log1p, expm1, sqrt = [
    _unary(name) for name in ('exp', 'log', 'log2', 'log10', 'log1p', 'expm1', 'sqrt')
]
sin, cos, tan, arcsin, arccos, arctan, sinh, cosh, tanh, arcsinh, arccosh, arctanh = [
    _unary(name) for name in (
        'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh',
    )
]
exp2, degrees, radians = _unary('exp2'), _unary('rad2deg'), _unary('deg2rad')
rad2deg, deg2rad = degrees, radians


def _kept(name):
    """Functions that leave the dtype as it is."""
    operation = getattr(torch, name)
    return lambda x: operation(x) if isinstance(x, torch.Tensor) else _wrap(operation(_tensor(x)))


abs, sign, square, negative = [_kept(name) for name in ('abs', 'sign', 'square', 'neg')]
absolute = abs
isnan, isinf, isfinite = [_kept(name) for name in ('isnan', 'isinf', 'isfinite')]
floor, ceil, trunc, rint = [_kept(name) for name in ('floor', 'ceil', 'trunc', 'round')]
logical_not = _kept('logical_not')


def round(a, decimals=0):
    tensor = _tensor(a)
    if not tensor.is_floating_point():
        return _wrap(tensor.clone())
    if decimals == 0:
        return _wrap(torch.round(tensor))
    scale = 10.0 ** _int(decimals)
    return _wrap(torch.round(tensor * scale) / scale)


around = round


def _round(a, decimals=None):
    if decimals is None:
        return int(round(a).item())
    return round(a, decimals)


def _binary(name):
    operation = getattr(torch, name)

    def apply(x1, x2):
        a, b = _alike(x1, x2)
        return _wrap(operation(a, b))

    return apply


def _binary_float(name):
    operation = getattr(torch, name)

    def apply(x1, x2):
        a, b = _alike(x1, x2)
        return _wrap(operation(_float(a), _float(b)))

    return apply


maximum, minimum, fmax, fmin = [_binary(name) for name in ('maximum', 'minimum', 'fmax', 'fmin')]
fmod = _binary('fmod')
arctan2, hypot, logaddexp = [_binary_float(name) for name in ('atan2', 'hypot', 'logaddexp')]
logical_and, logical_or, logical_xor = [_binary(name) for name in ('logical_and', 'logical_or', 'logical_xor')]


def _number_or_array(value):
    return value if _is_number(value) else _asarray(value)


def _operator(operation):
    def apply(x1, x2):
        if _is_number(x1) and _is_number(x2):
            x1 = _wrap(_tensor(x1))
        return operation(_number_or_array(x1), _number_or_array(x2))

    return apply


add = _operator(lambda a, b: a + b)
subtract = _operator(lambda a, b: a - b)
multiply = _operator(lambda a, b: a * b)
divide = _operator(lambda a, b: a / b)
true_divide = divide
floor_divide = _operator(lambda a, b: a // b)
mod = _operator(lambda a, b: a % b)
remainder = mod


def divmod(x1, x2):
    return floor_divide(x1, x2), mod(x1, x2)


power = _operator(lambda a, b: a ** b)
equal = _operator(lambda a, b: a == b)
not_equal = _operator(lambda a, b: a != b)
less = _operator(lambda a, b: a < b)
less_equal = _operator(lambda a, b: a <= b)
greater = _operator(lambda a, b: a > b)
greater_equal = _operator(lambda a, b: a >= b)


def reciprocal(x):
    return _wrap(torch.reciprocal(_tensor(x)))


def clip(a, a_min=None, a_max=None, *, min=None, max=None):
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    given = a if isinstance(a, (ndarray, generic)) else asarray(a)
    dtype = _common(given, *[each for each in (low, high) if each is not None])
    tensor = _cast(_tensor(given), dtype)
    if low is not None:
        tensor = torch.maximum(tensor, _cast(_tensor(low), dtype))
    if high is not None:
        tensor = torch.minimum(tensor, _cast(_tensor(high), dtype))
    return _wrap(tensor)


def where(condition, x=None, y=None):
    chosen = _tensor(condition) != 0
    if x is None and y is None:
        return nonzero(condition)
    a, b = _alike(x, y)
    return _keep(torch.where(chosen, a, b))


def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    return _wrap(torch.nan_to_num(_tensor(x), nan, posinf, neginf))


def sinc(x):
    return _wrap(torch.sinc(_float(_tensor(x))))


def interp(x, xp, fp):
    at, xs, ys = [_float(_tensor(each)) for each in (x, xp, fp)]
    place = torch.clamp(torch.searchsorted(xs, at.contiguous(), right=True) - 1, 0, _larger(0, len(xs) - 2))
    left, right = xs[place], xs[place + 1]
    slope = (ys[place + 1] - ys[place]) / (right - left)
    found = slope * (at - left) + ys[place]
    found = torch.where(at <= xs[0], ys[0], found)
    return _wrap(torch.where(at >= xs[-1], ys[-1], found))


# Reductions

def _reduced(tensor, dims, keepdims, operation):
    """The operation over the elements of some dimensions, made one at the end."""
    rest = [d for d in _range(tensor.ndim) if d not in dims]
    flat = tensor.permute(rest + dims).reshape([tensor.shape[d] for d in rest] + [-1])
    found = operation(flat)
    if keepdims:
        found = found.reshape([1 if d in dims else tensor.shape[d] for d in _range(tensor.ndim)])
    return _wrap(found)


def _summable(tensor, dtype=None):
    if dtype is not None:
        return _cast(tensor, dtype)
    return tensor if tensor.is_floating_point() else tensor.to(torch.int64)


def sum(a, axis=None, dtype=None, keepdims=False):
    tensor = _summable(_tensor(a), dtype)
    return _wrap(torch.sum(tensor, _axes(tensor, axis), keepdim=keepdims))


def mean(a, axis=None, dtype=None, keepdims=False):
    tensor = _float(_cast(_tensor(a), dtype))
    return _wrap(torch.mean(tensor, _axes(tensor, axis), keepdim=keepdims))


def _count(tensor, axes):
    count = 1
    for each in axes:
        count *= tensor.shape[each]
    return count


def var(a, axis=None, dtype=None, ddof=0, keepdims=False):
    tensor = _float(_cast(_tensor(a), dtype))
    axes = _axes(tensor, axis)
    apart = tensor - torch.mean(tensor, axes, keepdim=True)
    return _wrap(torch.sum(apart * apart, axes, keepdim=keepdims) / _larger(_count(tensor, axes) - ddof, 0))


def std(a, axis=None, dtype=None, ddof=0, keepdims=False):
    return sqrt(var(a, axis, dtype, ddof, keepdims))


def _extreme(name, label):
    operation = getattr(torch, name)

    def apply(a, axis=None, keepdims=False):
        tensor = _tensor(a)
        axes = _axes(tensor, axis)
        if tensor.numel() == 0 and _count(tensor, axes) == 0:
            raise ValueError(f'zero-size array to reduction operation {label} which has no identity')
        return _wrap(operation(tensor, axes, keepdim=keepdims))

    return apply


max, min = _extreme('amax', 'maximum'), _extreme('amin', 'minimum')
amax, amin = max, min


def ptp(a, axis=None):
    return max(a, axis) - min(a, axis)


def prod(a, axis=None, dtype=None, keepdims=False):
    tensor = _summable(_tensor(a), dtype)
    return _reduced(tensor, _axes(tensor, axis), keepdims, lambda flat: torch.prod(flat, -1))


def any(a, axis=None, keepdims=False):
    tensor = _tensor(a)
    return _reduced(tensor, _axes(tensor, axis), keepdims, lambda flat: torch.any(flat, -1))


def all(a, axis=None, keepdims=False):
    tensor = _tensor(a)
    return _reduced(tensor, _axes(tensor, axis), keepdims, lambda flat: torch.all(flat, -1))


def count_nonzero(a, axis=None):
    return sum(_keep(_tensor(a) != 0), axis)


def _place_of_extreme(name):
    operation = getattr(torch, name)

    def apply(a, axis=None, keepdims=False):
        tensor = _tensor(a)
        if tensor.numel() == 0:
            raise ValueError(f'attempt to get {name} of an empty sequence')
        if tensor.dtype == torch.bool:
            tensor = tensor.to(torch.int32)
        axis = _axis(tensor, axis)
        return _wrap(operation(tensor.reshape(-1), 0) if axis is None else operation(tensor, axis, keepdim=keepdims))

    return apply


argmax, argmin = _place_of_extreme('argmax'), _place_of_extreme('argmin')


def cumsum(a, axis=None):
    tensor = _summable(_tensor(a))
    return _keep(torch.cumsum(tensor.reshape(-1), 0) if axis is None else torch.cumsum(tensor, _axis(tensor, axis)))


def cumprod(a, axis=None):
    tensor = _summable(_tensor(a))
    return _keep(torch.cumprod(tensor.reshape(-1), 0) if axis is None else torch.cumprod(tensor, _axis(tensor, axis)))


def diff(a, n=1, axis=-1):
    tensor = _tensor(a)
    return _keep(torch.diff(tensor, n, _axis(tensor, axis)))


def median(a, axis=None):
    tensor = _float(_tensor(a))
    return quantile(_keep(tensor), 0.5, axis)


def quantile(a, q, axis=None, keepdims=False):
    tensor = _float(_tensor(a))
    at = _tensor(q).to(tensor.dtype)
    axis = _axis(tensor, axis)
    if axis is None:
        return _wrap(torch.quantile(tensor.reshape(-1), at))
    return _wrap(torch.quantile(tensor, at, axis, keepdim=keepdims))


def percentile(a, q, axis=None, keepdims=False):
    return quantile(a, asarray(q) / 100, axis, keepdims)


def nanmean(a, axis=None):
    tensor = _float(_tensor(a))
    return _wrap(torch.nanmean(tensor, _axes(tensor, axis)))


def nansum(a, axis=None):
    tensor = _tensor(a)
    return _wrap(torch.nansum(tensor, _axes(tensor, axis)))


def average(a, axis=None, weights=None):
    if weights is None:
        return mean(a, axis)
    return sum(multiply(asarray(a), asarray(weights)), axis) / sum(weights)


def trapezoid(y, x=None, dx=1.0, axis=-1):
    tensor = _float(_tensor(y))
    return _wrap(torch.trapezoid(tensor, _float(_tensor(x)) if x is not None else None, dim=axis) if x is not None
                 else torch.trapezoid(tensor, dx=dx, dim=axis))


def cov(m):
    return _wrap(torch.cov(_float(_tensor(m))))


def corrcoef(x, y=None):
    rows = vstack([x, y]) if y is not None else x
    return _wrap(torch.corrcoef(_float(_tensor(rows))))


# Order

def sort(a, axis=-1):
    tensor = _tensor(a)
    if axis is None:
        tensor, axis = tensor.reshape(-1), 0
    return _keep(torch.sort(tensor, dim=_axis(tensor, axis), stable=True).values)


def _sort_in_place(a, axis=-1):
    a[...] = sort(a, axis)


def argsort(a, axis=-1, kind=None, stable=None):
    tensor = _tensor(a)
    if axis is None:
        tensor, axis = tensor.reshape(-1), 0
    return _keep(torch.argsort(tensor, dim=_axis(tensor, axis), stable=True))


def unique(ar, return_index=False, return_inverse=False, return_counts=False):
    flat = _tensor(ar).reshape(-1)
    values, inverse, counts = torch.unique(flat, sorted=True, return_inverse=True, return_counts=True)
    if not (return_index or return_inverse or return_counts):
        return _keep(values)
    found = [_keep(values)]
    if return_index:
        order = torch.argsort(inverse, stable=True)
        found.append(_keep(order[torch.cumsum(counts, 0) - counts]))
    if return_inverse:
        found.append(_keep(inverse))
    if return_counts:
        found.append(_keep(counts))
    return tuple(found)


def searchsorted(a, v, side='left'):
    xs, at = _alike(asarray(a), v)
    return _wrap(torch.searchsorted(xs.contiguous(), at.contiguous(), right=side == 'right'))


def digitize(x, bins, right=False):
    return searchsorted(bins, x, 'left' if right else 'right')


def bincount(x, minlength=0):
    return _keep(torch.bincount(_tensor(x), minlength=minlength))


def histogram(a, bins=10, range=None):
    tensor = _float(_tensor(a)).reshape(-1).to(torch.float64)
    if isinstance(bins, (list, tuple, ndarray)):
        edges = asarray(bins)
    else:
        low, high = (min(_keep(tensor)).item(), max(_keep(tensor)).item()) if range is None else range
        if low == high:
            low, high = low - 0.5, high + 0.5
        edges = linspace(low, high, bins + 1)
    places = _tensor(edges).to(torch.float64)
    kept = tensor[(tensor >= places[0]) & (tensor <= places[-1])]
    at = torch.clamp(torch.searchsorted(places, kept.contiguous(), right=True) - 1, max=len(places) - 2)
    return _keep(torch.bincount(at, minlength=len(places) - 1)), edges


def nonzero(a):
    tensor = _tensor(a)
    return tuple([_keep(each.contiguous()) for each in torch.unbind(torch.nonzero(tensor), 1)])


def argwhere(a):
    return _keep(torch.nonzero(_tensor(a)))


def flatnonzero(a):
    return nonzero(ravel(a))[0]


def isin(element, test_elements):
    return _keep(torch.isin(_tensor(element), _tensor(test_elements)))


# Products

def dot(a, b):
    x, y = _asarray(a), _asarray(b)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    if y.ndim > 2:
        return tensordot(x, y, ([x.ndim - 1], [y.ndim - 2]))
    if x.shape[-1] != y.shape[0]:
        inner = 0
        raise ValueError(
            f'shapes {_tight(x.shape)} and {_tight(y.shape)} not aligned: '
            f'{x.shape[-1]} (dim {x.ndim - 1}) != {y.shape[inner]} (dim {inner})'
        )
    return x @ y


def matmul(x1, x2):
    return _asarray(x1) @ _asarray(x2)


def inner(a, b):
    x, y = _alike(asarray(a), asarray(b))
    return _wrap(torch.inner(x, y))


def vdot(a, b):
    return dot(ravel(a), ravel(b))


def outer(a, b):
    x, y = _alike(asarray(a), asarray(b))
    return _keep(torch.outer(x.reshape(-1), y.reshape(-1)))


def cross(a, b):
    x, y = _alike(asarray(a), asarray(b))
    return _keep(torch.linalg.cross(x, y))


def kron(a, b):
    x, y = _alike(asarray(a), asarray(b))
    return _keep(torch.kron(x, y))


def tensordot(a, b, axes=2):
    x, y = _alike(asarray(a), asarray(b))
    return _wrap(torch.tensordot(x, y, axes))


def einsum(subscripts, *operands):
    return _wrap(torch.einsum(subscripts, *_alike(*[asarray(each) for each in operands])))


def trace(a):
    return _wrap(torch.trace(_tensor(a)))


def diagonal(a, offset=0):
    return _keep(torch.diagonal(_tensor(a), offset))


# Comparison

def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    x, y = _alike(a, b)
    return _wrap(torch.isclose(_float(x), _float(y), rtol, atol, equal_nan))


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    return bool(all(isclose(a, b, rtol, atol, equal_nan)))


def array_equal(a1, a2):
    x, y = asarray(a1), asarray(a2)
    return x.shape == y.shape and bool(all(x == y))


# Facts

True_, False_ = bool_(True), bool_(False)

class _FloatInfo:
    def __init__(self, dtype):
        single = _torch_dtype(dtype) == torch.float32
        scalar = float32 if single else float64
        self.bits = 32 if single else 64
        self.eps = scalar(2.0**-23 if single else 2.0**-52)
        self.max = scalar(3.4028234663852886e38 if single else 1.7976931348623157e308)
        self.min = -self.max
        self.tiny = scalar(2.0**-126 if single else 2.0**-1022)
        self.smallest_normal = self.tiny
        self.resolution = scalar(1e-6 if single else 1e-15)


def finfo(dtype):
    return _FloatInfo(dtype)


class _IntInfo:
    def __init__(self, dtype):
        self.bits = 32 if _torch_dtype(dtype) == torch.int32 else 64
        self.max = 2 ** (self.bits - 1) - 1
        self.min = -(2 ** (self.bits - 1))


def iinfo(dtype):
    return _IntInfo(dtype)


def isscalar(element):
    return isinstance(element, (int, float, str, generic))


def issubdtype(arg1, arg2):
    return issubclass(dtype(arg1).type, arg2 if isinstance(arg2, type) and issubclass(arg2, generic) else dtype(arg2).type)


def result_type(*values):
    return _common(*values)


def array2string(a):
    return str(a)


def array_str(a):
    return str(a)


def array_repr(a):
    return repr(a)


class errstate:
    """Nothing warns here, so there is nothing to be silent about."""

    def __init__(self, **kinds):
        pass

    def __enter__(self):
        return None

    def __exit__(self, *error):
        return None


def seterr(**kinds):
    return {}


class printoptions:
    def __init__(self, **options):
        self.options = options

    def __enter__(self):
        self.before = _print_options()
        set_printoptions(**self.options)

    def __exit__(self, *error):
        set_printoptions(*self.before)


def vectorize(pyfunc):
    def apply(*args):
        arrays = [asarray(each) for each in args]
        shape = torch.broadcast_tensors(*[_tensor(each) for each in arrays])[0].shape
        columns = [ravel(broadcast_to(each, shape)) for each in arrays]
        return array([pyfunc(*row) for row in zip(*columns)]).reshape(shape)

    return apply
