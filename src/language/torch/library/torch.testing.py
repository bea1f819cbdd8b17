"""Comparisons that say what differs."""
import torch


def _places(index, shape):
    place = []
    for size in reversed(shape):
        place.insert(0, index % size)
        index = index // size
    return tuple(place)


def _tolerances(dtype, rtol, atol):
    if (rtol is None) != (atol is None):
        raise ValueError(f"Both 'rtol' and 'atol' must be either specified or unspecified, but got no {'rtol' if rtol is None else 'atol'} instead.")
    if rtol is not None:
        return rtol, atol
    return {torch.float32: (1.3e-6, 1e-5), torch.float64: (1e-7, 1e-7)}.get(dtype, (0.0, 0.0))


def _fail(msg, default):
    if msg is None:
        raise AssertionError(default)
    raise AssertionError(msg(default) if callable(msg) else msg)


def _compare_tensors(actual, expected, rtol, atol, equal_nan, check_dtype, check_stride, msg):
    if actual.shape != expected.shape:
        _fail(msg, f'The values for attribute \'shape\' do not match: {actual.shape} != {expected.shape}.')
    if check_dtype and actual.dtype != expected.dtype:
        _fail(msg, f'The values for attribute \'dtype\' do not match: {actual.dtype} != {expected.dtype}.')
    if check_stride and actual.stride() != expected.stride():
        _fail(msg, f'The values for attribute \'stride()\' do not match: {actual.stride()} != {expected.stride()}.')
    with torch.no_grad():
        dtype = torch.promote_types(actual.dtype, expected.dtype)
        rtol, atol = max(
            _tolerances(actual.dtype, rtol, atol), _tolerances(expected.dtype, rtol, atol))
        a, b = actual.detach().to(dtype), expected.detach().to(dtype)
        if not dtype.is_floating_point:
            a, b = a.long(), b.long()
        close = torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)
        if close.all():
            return
        exact = rtol == 0 and atol == 0
        what = 'equal' if exact else 'close'
        difference = (a - b).abs()
        relative = difference / b.abs()
        if a.dim() == 0:
            lines = [f'Scalars are not {what}!', '', f'Expected {b.item()} but got {a.item()}.']
            allowed = '' if exact else f' (up to {atol} allowed)'
            lines.append(f'Absolute difference: {difference.item()}{allowed}')
            allowed = '' if exact else f' (up to {rtol} allowed)'
            lines.append(f'Relative difference: {relative.item()}{allowed}')
            _fail(msg, '\n'.join(lines))
        total, wrong = a.numel(), int((~close).sum().item())
        lines = [f'Tensor-likes are not {what}!', '', f'Mismatched elements: {wrong} / {total} ({wrong / total:.1%})']
        for name, values, allowed in (('absolute', difference, atol), ('relative', relative, rtol)):
            values = torch.where(close, torch.zeros_like(values), values).flatten()
            at = int(values.argmax().item())
            place = _places(at, a.shape)
            bound = '' if exact else f' (up to {allowed} allowed)'
            lines.append(f'Greatest {name} difference: {values[at].item()} at index {place}{bound}')
        _fail(msg, '\n'.join(lines))


def assert_close(actual, expected, *, allow_subclasses=True, rtol=None, atol=None, equal_nan=False, check_device=True,
                 check_dtype=True, check_layout=True, check_stride=False, msg=None):
    if isinstance(actual, dict) and isinstance(expected, dict):
        if set(actual.keys()) != set(expected.keys()):
            _fail(msg, 'The keys of the expected and actual mappings do not match.')
        for key in actual:
            assert_close(actual[key], expected[key], rtol=rtol, atol=atol, equal_nan=equal_nan,
                         check_dtype=check_dtype, check_stride=check_stride, msg=msg)
        return
    if isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        if len(actual) != len(expected):
            _fail(msg, f'The length of the sequences do not match: {len(actual)} != {len(expected)}')
        for a, b in zip(actual, expected):
            assert_close(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=check_dtype,
                         check_stride=check_stride, msg=msg)
        return
    if not isinstance(actual, torch.Tensor) and not isinstance(expected, torch.Tensor):
        wide = (int, float)
        if isinstance(actual, wide) and isinstance(expected, wide):
            if check_dtype and type(actual) is not type(expected):
                _fail(msg, f'Python scalar types do not match: {type(actual)} != {type(expected)}')
            dtype = torch.float64 if isinstance(actual, float) or isinstance(expected, float) else torch.int64
            actual, expected = torch.tensor(actual, dtype=dtype), torch.tensor(expected, dtype=dtype)
        elif actual is None and expected is None:
            return
    if not isinstance(actual, torch.Tensor) or not isinstance(expected, torch.Tensor):
        raise TypeError(
            f'No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}.')
    _compare_tensors(actual, expected, rtol, atol, equal_nan, check_dtype, check_stride, msg)
