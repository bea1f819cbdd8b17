"""Checks of gradients against differences."""
import torch

Tensor = torch.Tensor


def _outputs(func, inputs):
    result = func(*inputs)
    result = (result,) if isinstance(result, Tensor) else tuple(result)
    return [output for output in result if isinstance(output, Tensor) and output.is_floating_point()]


def _numerical(func, inputs, input, eps):
    """For each output its derivatives by the elements of `input`, as rows, by central differences."""
    rows = None
    # Changed as data: what the function computes may need gradients of its own.
    kept = input.detach().clone()
    flat = kept.reshape(-1)
    for index in range(flat.numel()):
        sides = []
        for sign in (1, -1):
            moved = flat.clone()
            moved[index] += sign * eps
            input.data.copy_(moved.view_as(kept))
            sides.append([output.detach().clone().reshape(-1) for output in _outputs(func, inputs)])
        input.data.copy_(kept)
        if rows is None:
            rows = [[] for _ in sides[0]]
        for row, high, low in zip(rows, sides[0], sides[1]):
            row.append((high - low) / (2 * eps))
    return [torch.stack(row, 0) for row in rows or []]


def _analytical(output, input):
    """The same by the graph: one walk for each element of the output."""
    columns = []
    flat = output.reshape(-1)
    for index in range(flat.numel()):
        grad = None
        if output.requires_grad:
            (grad,) = torch.autograd.grad(flat[index], (input,), retain_graph=True, allow_unused=True)
        columns.append(torch.zeros_like(input).reshape(-1) if grad is None else grad.detach().reshape(-1))
    return torch.stack(columns, 1)


class GradcheckError(RuntimeError):
    pass


def gradcheck(
    func, inputs, *, eps=1e-06, atol=1e-05, rtol=0.001, raise_exception=True, nondet_tol=0.0,
    check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False, check_batched_forward_grad=False,
    check_forward_ad=False, check_backward_ad=True, fast_mode=False, masked=None,
):
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    checked = [
        (index, input) for index, input in enumerate(inputs) if isinstance(input, Tensor) and input.requires_grad
    ]
    if len(checked) == 0:
        raise ValueError(
            'gradcheck expects at least one input tensor to require gradient, but none of the them have '
            'requires_grad=True.'
        )
    for index, input in checked:
        numerical = _numerical(func, inputs, input, eps)
        for position, (output, expected) in enumerate(zip(_outputs(func, inputs), numerical)):
            if output.numel() == 0:
                continue
            found = _analytical(output, input)
            if not torch.allclose(found, expected.to(found.dtype), rtol=rtol, atol=atol):
                if not raise_exception:
                    return False
                raise GradcheckError(
                    f'Jacobian mismatch for output {position} with respect to input {index},\n'
                    f'numerical:{expected}\nanalytical:{found}\n'
                )
    return True


def gradgradcheck(
    func, inputs, grad_outputs=None, *, eps=1e-06, atol=1e-05, rtol=0.001, raise_exception=True, **others
):
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    if grad_outputs is None:
        grad_outputs = [
            torch.randn_like(output).requires_grad_() for output in _outputs(func, inputs)
        ]
    elif isinstance(grad_outputs, Tensor):
        grad_outputs = [grad_outputs]
    count = len(inputs)
    wanted = [index for index, input in enumerate(inputs) if isinstance(input, Tensor) and input.requires_grad]

    def gradients(*given):
        found = torch.autograd.grad(
            _outputs(func, given[:count]), [given[index] for index in wanted], list(given[count:]), create_graph=True,
            allow_unused=True,
        )
        return tuple(grad for grad in found if grad is not None)

    return gradcheck(
        gradients, inputs + tuple(grad_outputs), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception
    )
