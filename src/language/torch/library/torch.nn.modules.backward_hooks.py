"""Full backward hooks of modules."""
import torch

Tensor = torch.Tensor


def _tuple(value):
    return value if isinstance(value, tuple) else (value,)


class _Border(torch.autograd.Function):
    """Marks where a module with full backward hooks begins or ends."""

    @staticmethod
    def forward(ctx, *tensors):
        return tensors if len(tensors) != 1 else tensors[0].view_as(tensors[0])

    @staticmethod
    def backward(ctx, *grads):
        return grads if len(grads) != 1 else grads[0]


class BackwardHooks:
    """Calls the full backward hooks of a module with the gradients of its outputs and inputs."""

    def __init__(self, module):
        self.module = module
        self.grad_output = None
        self.differentiable = False

    def begin(self, args):
        tensors = [value for value in args if isinstance(value, Tensor)]
        if not torch.is_grad_enabled() or not any(value.requires_grad for value in tensors):
            return args
        self.differentiable = True
        marked = _tuple(_Border.apply(*tensors))
        grad_fn = [value.grad_fn for value in marked if value.grad_fn is not None][0]
        grad_fn.register_hook(self._inputs)
        rest = list(marked)
        return tuple(rest.pop(0) if isinstance(value, Tensor) else value for value in args)

    def end(self, result):
        outputs = _tuple(result)
        tensors = [value for value in outputs if isinstance(value, Tensor)]
        if not torch.is_grad_enabled() or not any(value.requires_grad for value in tensors):
            return result
        marked = _tuple(_Border.apply(*tensors))
        grad_fn = [value.grad_fn for value in marked if value.grad_fn is not None][0]
        grad_fn.register_prehook(self._outputs)
        if not isinstance(result, tuple):
            return marked[0]
        rest = list(marked)
        return tuple(rest.pop(0) if isinstance(value, Tensor) else value for value in result)

    def _outputs(self, grads):
        grads = _tuple(grads)
        for hook in list(self.module._backward_pre_hooks.values()):
            changed = hook(self.module, grads)
            if changed is not None:
                grads = _tuple(changed)
        self.grad_output = grads
        if not self.differentiable:
            for hook in list(self.module._backward_hooks.values()):
                hook(self.module, (), grads)
        return grads

    def _inputs(self, grad_input, _):
        changed = None
        for hook in list(self.module._backward_hooks.values()):
            result = hook(self.module, grad_input, self.grad_output)
            if result is not None:
                grad_input = changed = _tuple(result)
        self.grad_output = None
        return changed
