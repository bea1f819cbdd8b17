"""vmap: a function of samples as a function of batches. The function runs once for each sample."""
import torch
from torch.utils._pytree import broadcast_to, tree_flatten, tree_map, tree_unflatten

Tensor = torch.Tensor
_RANDOM = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
    'randomness flags on vmap or perform the randomness operation out of vmap'
)


def _written(spec):
    """A structure as messages of vmap write it."""
    if spec.type is None:
        return '*'
    parts = ',\n  '.join(_written(child) for child in spec.children)
    return f'TreeSpec({spec.type.__name__}, {spec.keys}, [{parts}])'


def _dims_in(in_dims, args, name):
    """The flat arguments, the dimension that is mapped of each or None, and their structure."""
    call = f'vmap({name}, in_dims={in_dims}, ...)(<inputs>)'
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(
            f'{call}: expected `in_dims` to be int or a (potentially nested) tuple matching the structure of inputs, '
            f'got: {type(in_dims)}.'
        )
    flat, spec = tree_flatten(args)
    if len(flat) == 0:
        raise ValueError(
            f'vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a '
            'function with no inputs. The latter is unsupported.'
        )
    dims = broadcast_to(in_dims, spec)
    if dims is None:
        raise ValueError(
            f'{call}: in_dims is not compatible with the structure of `inputs`. in_dims has structure '
            f'{_written(tree_flatten(in_dims)[1])} but inputs has structure {_written(spec)}.'
        )
    for index, (value, dim) in enumerate(zip(flat, dims)):
        if dim is None:
            continue
        if not isinstance(dim, int):
            raise ValueError(
                f'{call}: Got in_dim={dim} for an input but in_dim must be either an integer dimension or None.'
            )
        if not isinstance(value, Tensor):
            raise ValueError(
                f'{call}: Got in_dim={dim} for an input but the input is of type {type(value)}. We cannot vmap over '
                'non-Tensor arguments, please use None as the respective in_dim'
            )
        if not -value.dim() <= dim < value.dim():
            raise ValueError(
                f'{call}: Got in_dim={dim} for some input, but that input is a Tensor of dimensionality {value.dim()} '
                f'so expected in_dim to satisfy -{value.dim()} <= in_dim < {value.dim()}.'
            )
        dims[index] = dim % value.dim()
    return flat, dims, spec


def _batch_size(flat, dims):
    sizes = [value.size(dim) for value, dim in zip(flat, dims) if dim is not None]
    if len(sizes) == 0:
        raise ValueError('vmap: Expected at least one Tensor to vmap over')
    if any(size != sizes[0] for size in sizes):
        raise ValueError(
            f'vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the '
            'mapped dimension'
        )
    return sizes[0]


def _stacked(results, out_dims, name):
    flat = [tree_flatten(result) for result in results]
    spec = flat[0][1]
    dims = broadcast_to(out_dims, spec)
    if dims is None:
        raise ValueError(
            f'vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure of '
            f'`outputs`. out_dims has structure {_written(tree_flatten(out_dims)[1])} but outputs has structure '
            f'{_written(spec)}.'
        )
    stacked = []
    for index, dim in enumerate(dims):
        values = [leaves[index] for leaves, _ in flat]
        if not isinstance(values[0], Tensor):
            if dim is not None:
                raise ValueError(
                    f'vmap({name}, ...): `{name}` must only return Tensors, got type {type(values[0])}. Did you mean '
                    'to set out_dims= to None for output?'
                )
            stacked.append(values[0])
        elif dim is None:
            raise ValueError(f'vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None')
        else:
            stacked.append(torch.stack(values, dim))
    return tree_unflatten(stacked, spec)


def vmap(func, in_dims=0, out_dims=0, randomness='error', *, chunk_size=None):
    if randomness not in ('error', 'different', 'same'):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f'vmap: chunk_size should be None or greater than 0. (got {chunk_size})')
    name = getattr(func, '__name__', type(func).__name__)

    def wrapper(*args, **kwargs):
        flat, dims, spec = _dims_in(in_dims, args, name)
        # Keywords are mapped along their first dimension.
        named = [value for value in tree_flatten(kwargs)[0] if isinstance(value, Tensor)]
        count = _batch_size(flat + named, dims + [0] * len(named))
        before = None if randomness == 'different' else torch.get_rng_state()
        results = []
        for index in range(count):
            if randomness == 'same':
                torch.set_rng_state(before)
            sample = [value if dim is None else value.select(dim, index) for value, dim in zip(flat, dims)]
            own = tree_map(lambda value: value[index] if isinstance(value, Tensor) else value, kwargs)
            results.append(func(*tree_unflatten(sample, spec), **own))
            if randomness == 'error' and index == 0 and not torch.equal(before, torch.get_rng_state()):
                raise RuntimeError(_RANDOM)
        if count == 0:
            raise RuntimeError('vmap over a dimension of size 0 is not supported')
        return _stacked(results, out_dims, name)

    return wrapper
