"""Full backward hooks of modules."""
import torch

Tensor = torch.Tensor


def _tuple(value):
    return value if isinstance(value, tuple) else (value,)


class BackwardHookFunction(torch.autograd.Function):
    """Where a module with full backward hooks begins or ends; `passed` sees the gradients that go through."""

    @staticmethod
    def forward(ctx, passed, *tensors):
        ctx.passed = passed
        return tuple(tensor.view_as(tensor) for tensor in tensors)

    @staticmethod
    def backward(ctx, *grads):
        return (None,) + ctx.passed(grads)


class BackwardHooks:
    """Calls the full backward hooks of a module with the gradients of its outputs and inputs."""

    def __init__(self, module):
        self.module = module
        self.grad_output = None
        self.wanted = None
        self.without = ()

    def begin(self, args):
        flags = tuple(isinstance(value, Tensor) and value.requires_grad for value in args)
        if not torch.is_grad_enabled() or not any(flags):
            self.without = (None,) * sum(1 for value in args if isinstance(value, Tensor))
            return args
        self.wanted = tuple(flag for value, flag in zip(args, flags) if isinstance(value, Tensor))
        return self._marked(args, self._inputs)

    def end(self, result):
        values = _tuple(result)
        if not torch.is_grad_enabled() or not any(isinstance(value, Tensor) and value.requires_grad for value in values):
            return result
        marked = self._marked(values, self._outputs)
        return marked if isinstance(result, tuple) else marked[0]

    def _marked(self, values, passed):
        tensors = [value for value in values if isinstance(value, Tensor)]
        rest = list(_tuple(BackwardHookFunction.apply(passed, *tensors)))
        return tuple(rest.pop(0) if isinstance(value, Tensor) else value for value in values)

    def _outputs(self, grads):
        for hook in list(self.module._backward_pre_hooks.values()):
            changed = hook(self.module, grads)
            if changed is not None:
                grads = _tuple(changed)
        self.grad_output = grads
        if self.wanted is None:
            for hook in list(self.module._backward_hooks.values()):
                hook(self.module, self.without, grads)
        return grads

    def _inputs(self, grads):
        grads = tuple(grad if flag else None for grad, flag in zip(grads, self.wanted))
        for hook in list(self.module._backward_hooks.values()):
            changed = hook(self.module, grads, self.grad_output)
            if changed is not None:
                grads = _tuple(changed)
        self.grad_output = None
        return grads
