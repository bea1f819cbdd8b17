"""Functions of functions: their derivatives, and the same for each sample of a batch."""
import torch
from torch.func.state import functional_call, stack_module_state
from torch.func.mapping import vmap
from torch.utils._pytree import tree_flatten, tree_leaves, tree_map, tree_unflatten

Tensor = torch.Tensor


def _fresh(value):
    """An input of its own: what is computed of it flows on to where it comes from, but not into its `grad`."""
    if not isinstance(value, Tensor):
        raise ValueError(f'Thing passed to transform API must be Tensor, got {type(value)}')
    if value.requires_grad:
        return value.view_as(value)
    if not value.is_floating_point():
        raise RuntimeError('only Tensors of floating point dtype can require gradients')
    return value.detach().requires_grad_()


def _reaches_others(value, own):
    """Whether a value depends on a leaf that is none of `own`."""
    if value.grad_fn is None:
        return value.requires_grad and not any(value is leaf for leaf in own)
    known = {value.grad_fn}
    open = [value.grad_fn]
    while len(open) > 0:
        node = open.pop()
        if hasattr(node, 'variable') and not any(node.variable is leaf for leaf in own):
            return True
        for following, _ in node.next_functions:
            if following is not None and following not in known:
                known.add(following)
                open.append(following)
    return False


def _settled(tree, own):
    """Values that have left a function: they depend on what is outside of it alone."""

    def settle(value):
        if not isinstance(value, Tensor) or not value.requires_grad:
            return value
        return value if _reaches_others(value, own) else value.detach()

    return tree_map(settle, tree)


def _chosen(args, argnums):
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for number in numbers:
        if not -len(args) <= number < len(args):
            raise RuntimeError(f'Got argnum={number}, but only {len(args)} positional inputs')
    return [number % len(args) for number in numbers]


def _prepared(args, argnums):
    """The arguments with fresh ones where derivatives are asked for; those, flat; and the structure of the answer."""
    numbers = _chosen(args, argnums)
    args = list(args)
    for number in numbers:
        args[number] = tree_map(_fresh, args[number])
    asked = args[numbers[0]] if isinstance(argnums, int) else tuple(args[number] for number in numbers)
    leaves, spec = tree_flatten(asked)
    return args, leaves, spec


def _grads(outputs, inputs, weights):
    """Gradients, zeros where nothing flows."""
    chosen = [index for index, output in enumerate(outputs) if output.requires_grad]
    if len(chosen) == 0 or len(inputs) == 0:
        return [torch.zeros_like(each) for each in inputs]
    found = torch.autograd.grad(
        [outputs[index] for index in chosen], inputs, [weights[index] for index in chosen],
        create_graph=True, allow_unused=True,
    )
    return [torch.zeros_like(each) if grad is None else grad for grad, each in zip(found, inputs)]


def _with_aux(result, name):
    if not (isinstance(result, tuple) and len(result) == 2):
        raise RuntimeError(f'{name}: output of function f should be a tuple: (output, aux) if has_aux is True')
    return result


def grad_and_value(func, argnums=0, has_aux=False):
    def wrapper(*args, **kwargs):
        with torch.enable_grad():
            given, leaves, spec = _prepared(args, argnums)
            output = func(*given, **kwargs)
            aux = None
            if has_aux:
                output, aux = _with_aux(output, 'grad_and_value(f)(*args)')
            if not isinstance(output, Tensor):
                raise RuntimeError(f'grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}')
            if output.dim() != 0:
                raise RuntimeError(
                    'grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with '
                    f'{output.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?'
                )
            found = _grads([output], leaves, [torch.ones_like(output)])
        grads = _settled(tree_unflatten(found, spec), leaves)
        value = _settled((output, aux) if has_aux else output, leaves)
        return grads, value

    return wrapper


def grad(func, argnums=0, has_aux=False):
    both = grad_and_value(func, argnums, has_aux)

    def wrapper(*args, **kwargs):
        grads, value = both(*args, **kwargs)
        return (grads, value[1]) if has_aux else grads

    return wrapper


def _tensors(tree, name):
    leaves = tree_leaves(tree)
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(f'{name}: Expected f(*args) to return only tensors, got unsupported type {type(leaf)}')
    return leaves


def vjp(func, *primals, has_aux=False):
    with torch.enable_grad():
        given = tree_map(_fresh, primals)
        leaves, spec = tree_flatten(given)
        output = func(*given)
        aux = None
        if has_aux:
            output, aux = _with_aux(output, 'vjp(f, *primals)')
        outputs = _tensors(output, 'vjp(f, *primals)')
    outputs, output_spec = tree_flatten(output)

    def vjp_fn(cotangents, retain_graph=True, create_graph=None):
        weights, weights_spec = tree_flatten(cotangents)
        if weights_spec != output_spec:
            raise RuntimeError(
                'Expected pytree structure of cotangents to be the same as pytree structure of outputs to the '
                f'function. cotangents: {weights_spec}, primal output: {output_spec}'
            )
        with torch.enable_grad():
            found = _grads(outputs, leaves, weights)
        return _settled(tree_unflatten(found, spec), leaves)

    output = _settled(output, leaves)
    return (output, vjp_fn, _settled(aux, leaves)) if has_aux else (output, vjp_fn)


def jvp(func, primals, tangents, *, strict=False, has_aux=False):
    if not isinstance(primals, tuple):
        raise RuntimeError(
            'jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call f(*primals).'
        )
    directions, directions_spec = tree_flatten(tangents)
    with torch.enable_grad():
        given = tree_map(_fresh, primals)
        leaves, spec = tree_flatten(given)
        if spec != directions_spec:
            raise RuntimeError(
                'jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. '
                f'For example, if primals is a tuple of 3 tensors, tangents also must be. Got primals with structure {spec} '
                f'and tangents with structure {directions_spec}'
            )
        for leaf, direction in zip(leaves, directions):
            if leaf.shape != direction.shape:
                raise RuntimeError(
                    'Trying to set a forward gradient that has a different size than that of the original Tensor, '
                    f'this is not supported. Tensor is of size {list(leaf.shape)} while the given forward gradient is '
                    f'of size {list(direction.shape)}.'
                )
        output = func(*given)
        aux = None
        if has_aux:
            output, aux = _with_aux(output, 'jvp(f, primals, tangents)')
        outputs = _tensors(output, 'jvp(f, primals, tangents)')
        # The product with the Jacobian is the derivative of its transposed product by the vector in that.
        weights = [torch.zeros_like(each, requires_grad=True) for each in outputs]
        found = _grads(_grads(outputs, leaves, weights), weights, directions)
    own = leaves + weights
    result = _settled(tree_unflatten(found, tree_flatten(output)[1]), own)
    output = _settled(output, own)
    return (output, result, _settled(aux, own)) if has_aux else (output, result)


def linearize(func, *primals):
    output = func(*primals)

    def jvp_fn(*tangents):
        return jvp(func, primals, tangents)[1]

    return output, jvp_fn


def jacrev(func, argnums=0, *, has_aux=False, chunk_size=None, _preallocate_and_copy=False):
    def wrapper(*args, **kwargs):
        with torch.enable_grad():
            given, leaves, spec = _prepared(args, argnums)
            output = func(*given, **kwargs)
            aux = None
            if has_aux:
                output, aux = _with_aux(output, 'jacrev(f)(*args)')
            outputs, output_spec = tree_flatten(output)
            _tensors(output, 'jacrev(f)(*args)')
            result = [tree_unflatten(_jacobian(each, leaves), spec) for each in outputs]
        result = _settled(tree_unflatten(result, output_spec), leaves)
        return (result, _settled(aux, leaves)) if has_aux else result

    return wrapper


def _jacobian(output, inputs):
    rows = [[] for _ in inputs]
    for each in output.reshape(-1).unbind():
        for row, found in zip(rows, _grads([each], inputs, [torch.ones_like(each)])):
            row.append(found)
    return [
        torch.stack(row).view(output.shape + each.shape) if len(row) > 0 else torch.zeros(output.shape + each.shape)
        for row, each in zip(rows, inputs)
    ]


def jacfwd(func, argnums=0, has_aux=False, *, randomness='error'):
    return jacrev(func, argnums, has_aux=has_aux)


def hessian(func, argnums=0):
    return jacfwd(jacrev(func, argnums), argnums)
