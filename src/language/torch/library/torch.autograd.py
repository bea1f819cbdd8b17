"""Differentiation: what torch.autograd has besides the host's functions."""
import torch


class GradcheckError(RuntimeError):
    pass


def _inputs(inputs):
    return tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)


def _outputs(result):
    items = result if isinstance(result, (tuple, list)) else (result,)
    return [each for each in items if isinstance(each, torch.Tensor) and each.requires_grad]


def _numerical(func, inputs, at, number, eps):
    flat = inputs[at].data.view(-1)
    columns = []
    for i in range(flat.numel()):
        before = flat[i].item()
        flat[i] = before + eps
        above = _outputs(func(*inputs))[number].detach().clone().reshape(-1)
        flat[i] = before - eps
        below = _outputs(func(*inputs))[number].detach().clone().reshape(-1)
        flat[i] = before
        columns.append((above - below) / (2 * eps))
    return torch.stack(columns)


def _analytical(output, inputs, at):
    flat = output.reshape(-1)
    rows = []
    for i in range(flat.numel()):
        found = torch.autograd.grad(flat[i], inputs[at], retain_graph=True, allow_unused=True)[0]
        rows.append(torch.zeros_like(inputs[at]).reshape(-1) if found is None else found.detach().reshape(-1))
    return torch.stack(rows, 1)


def gradcheck(func, inputs, *, eps=1e-06, atol=1e-05, rtol=0.001, raise_exception=True, nondet_tol=0.0,
              check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False,
              check_batched_forward_grad=False, check_forward_ad=False, check_backward_ad=True, fast_mode=False,
              masked=None):
    inputs = _inputs(inputs)
    wanted = [i for i, each in enumerate(inputs) if isinstance(each, torch.Tensor) and each.requires_grad]
    if len(wanted) == 0:
        raise ValueError('gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.')
    for number, output in enumerate(_outputs(func(*inputs))):
        for at in wanted:
            if inputs[at].numel() == 0 or output.numel() == 0:
                continue
            numerical = _numerical(func, inputs, at, number, eps)
            analytical = _analytical(output, inputs, at)
            if torch.allclose(analytical, numerical, rtol, atol):
                continue
            if not raise_exception:
                return False
            raise GradcheckError(
                f'Jacobian mismatch for output {number} with respect to input {at},\n'
                f'numerical:{numerical}\nanalytical:{analytical}\n')
    return True


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-06, atol=1e-05, rtol=0.001,
                  gen_non_contig_grad_outputs=False, raise_exception=True, nondet_tol=0.0, check_undefined_grad=True,
                  check_grad_dtypes=False, check_batched_grad=False, check_fwd_over_rev=False, check_rev_over_rev=True,
                  fast_mode=False, masked=False):
    inputs = _inputs(inputs)
    outputs = _outputs(func(*inputs))
    if grad_outputs is None:
        given = tuple(torch.linspace(0.5, 1.5, each.numel(), dtype=each.dtype).reshape(each.shape).requires_grad_() for each in outputs)
    else:
        given = _inputs(grad_outputs)
    count = len(given)

    def gradients(*args):
        own = args[:len(args) - count]
        weights = args[len(args) - count:]
        asked = [each for each in own if isinstance(each, torch.Tensor) and each.requires_grad]
        return torch.autograd.grad(_outputs(func(*own)), asked, weights, create_graph=True, allow_unused=True)

    return gradcheck(gradients, inputs + given, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception)
