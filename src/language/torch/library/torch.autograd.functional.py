"""Derivatives of functions as a whole: Jacobians, Hessians, and their products with vectors."""
import torch

Tensor = torch.Tensor


def _as_tuple(value, what, function):
    """A tuple of tensors, and whether it was one tensor."""
    if isinstance(value, Tensor):
        return (value,), True
    if not isinstance(value, (tuple, list)):
        raise TypeError(f'The {what} given to {function} must be either a Tensor or a tuple of Tensors but got {type(value)}.')
    for index, each in enumerate(value):
        if not isinstance(each, Tensor):
            raise TypeError(
                f'The {what} given to {function} must be either a Tensor or a tuple of Tensors but the value at '
                f'index {index} has type {type(each)}.'
            )
    return tuple(value), False


def _ready(inputs, create_graph):
    """Inputs of their own, so that nothing flows into the caller's unless a graph is wanted."""
    return tuple(
        (each.view_as(each) if each.requires_grad else each.clone().requires_grad_())
        if create_graph
        else each.detach().clone().requires_grad_()
        for each in inputs
    )


def _done(values, create_graph):
    return values if create_graph else tuple(value.detach() for value in values)


def _grads(outputs, inputs, weights=None, create_graph=False):
    """Gradients, None where there is no way; outputs without a graph have none."""
    chosen = [index for index, output in enumerate(outputs) if output.requires_grad]
    if len(chosen) == 0:
        return (None,) * len(inputs)
    return torch.autograd.grad(
        [outputs[index] for index in chosen], inputs,
        None if weights is None else [weights[index] for index in chosen],
        create_graph=create_graph, retain_graph=True, allow_unused=True,
    )


def _filled(grads, inputs, strict, what):
    filled = []
    for index, (grad, input) in enumerate(zip(grads, inputs)):
        if grad is None:
            if strict:
                raise RuntimeError(f'{what} of the user-provided function is independent of input {index}. This is not allowed in strict mode.')
            grad = torch.zeros_like(input)
        filled.append(grad)
    return tuple(filled)


def _checked_vector(v, like, function, what):
    if v is None:
        if len(like) == 1 and like[0].numel() == 1:
            return (torch.ones_like(like[0]),)
        raise RuntimeError(
            f'The vector v can only be None if the {what} of the user-provided function '
            + ('is a single Tensor with a single element.' if what == 'output' else 'has a single element.')
        )
    v, _ = _as_tuple(v, 'v', function)
    if len(v) != len(like):
        raise RuntimeError(f'v is a tuple of invalid length: should be {len(like)} but got {len(v)}.')
    for index, (given, wanted) in enumerate(zip(v, like)):
        if given.size() != wanted.size():
            prefix = f'Entry {index} in ' if len(v) > 1 else ''
            raise RuntimeError(f'{prefix}v has invalid size: should be {wanted.size()} but got {given.size()}.')
    return v


def _unwrapped(values, single):
    return values[0] if single else tuple(values)


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy='reverse-mode'):
    with torch.enable_grad():
        inputs, single_input = _as_tuple(inputs, 'inputs', 'jacobian')
        inputs = _ready(inputs, create_graph)
        outputs, single_output = _as_tuple(func(*inputs), 'outputs', 'jacobian')
        result = []
        for position, output in enumerate(outputs):
            rows = [[] for _ in inputs]
            flat = output.reshape(-1)
            for index in range(output.numel()):
                grads = (
                    torch.autograd.grad(
                        flat[index], inputs, retain_graph=True, create_graph=create_graph, allow_unused=True
                    )
                    if output.requires_grad
                    else (None,) * len(inputs)
                )
                for row, grad, (number, input) in zip(rows, grads, enumerate(inputs)):
                    if grad is None:
                        if strict:
                            raise RuntimeError(
                                f'Output {position} of the user-provided function is independent of input {number}. '
                                'This is not allowed in strict mode.'
                            )
                        grad = torch.zeros_like(input)
                    row.append(grad)
            shape = tuple(output.size())
            result.append(tuple(
                torch.stack(row, 0).view(shape + tuple(input.size()))
                if len(row) > 0
                else torch.zeros(shape + tuple(input.size()), dtype=input.dtype)
                for row, input in zip(rows, inputs)
            ))
        result = [_done(each, create_graph) for each in result]
        if single_input:
            result = [each[0] for each in result]
        return _unwrapped(result, single_output)


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy='reverse-mode'):
    inputs, single = _as_tuple(inputs, 'inputs', 'hessian')

    def scalar(*given):
        output = func(*given)
        if not isinstance(output, Tensor):
            raise RuntimeError('The function given to hessian should return a single Tensor')
        if output.numel() != 1:
            raise RuntimeError('The Tensor returned by the function given to hessian should contain a single element')
        return output.squeeze()

    def gradient(*given):
        found = jacobian(scalar, given, create_graph=True, strict=strict)
        return found

    result = jacobian(gradient, inputs, create_graph=create_graph, strict=strict)
    return result[0][0] if single else result


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        inputs, single_input = _as_tuple(inputs, 'inputs', 'vjp')
        inputs = _ready(inputs, create_graph)
        outputs, single_output = _as_tuple(func(*inputs), 'outputs of the user-provided function', 'vjp')
        v = _checked_vector(v, outputs, 'vjp', 'output')
        grads = _grads(outputs, inputs, v, create_graph)
        result = _filled(grads, inputs, strict, 'The output')
    outputs = _done(outputs, create_graph)
    return _unwrapped(outputs, single_output), _unwrapped(_done(result, create_graph), single_input)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        inputs, single_input = _as_tuple(inputs, 'inputs', 'jvp')
        inputs = _ready(inputs, create_graph)
        v = _checked_vector(v, inputs, 'jvp', 'input')
        outputs, single_output = _as_tuple(func(*inputs), 'outputs of the user-provided function', 'jvp')
        # The product with the Jacobian is the derivative of its transposed product by the vector in that.
        weights = tuple(torch.zeros_like(output, requires_grad=True) for output in outputs)
        back = _filled(_grads(outputs, inputs, weights, True), inputs, strict, 'The output')
        result = _filled(_grads(back, weights, v, create_graph), outputs, strict, 'The output')
    outputs = _done(outputs, create_graph)
    return _unwrapped(outputs, single_output), _unwrapped(_done(result, create_graph), single_output)


def _single_output(func, inputs, function):
    output = func(*inputs)
    if not isinstance(output, Tensor):
        raise RuntimeError(f'The function given to {function} should return a single Tensor')
    if output.numel() != 1:
        raise RuntimeError(f'The Tensor returned by the function given to {function} should contain a single element')
    return output


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        inputs, single = _as_tuple(inputs, 'inputs', 'vhp')
        inputs = _ready(inputs, create_graph)
        v = _checked_vector(v, inputs, 'vhp', 'input')
        output = _single_output(func, inputs, 'vhp')
        first = _filled(_grads((output,), inputs, None, True), inputs, strict, 'The output')
        result = _filled(_grads(first, inputs, v, create_graph), inputs, strict, 'The jacobian')
    output = output if create_graph else output.detach()
    return output, _unwrapped(_done(result, create_graph), single)


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        inputs, single = _as_tuple(inputs, 'inputs', 'hvp')
        inputs = _ready(inputs, create_graph)
        v = _checked_vector(v, inputs, 'hvp', 'input')
        output = _single_output(func, inputs, 'hvp')
        first = _filled(_grads((output,), inputs, None, True), inputs, strict, 'The output')
        weights = tuple(torch.zeros_like(input, requires_grad=True) for input in inputs)
        second = _filled(_grads(first, inputs, weights, True), inputs, strict, 'The jacobian')
        result = _filled(_grads(second, weights, v, create_graph), inputs, strict, 'The jacobian')
    output = output if create_graph else output.detach()
    return output, _unwrapped(_done(result, create_graph), single)
