"""Functions with a gradient rule of their own."""
import torch


class _Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, *outputs):
        return outputs if len(outputs) > 1 else outputs[0]

    @staticmethod
    def backward(ctx, *gradients):
        raise RuntimeError('trying to differentiate twice a function that was marked with @once_differentiable')


def once_differentiable(fn):
    def wrapper(ctx, *args):
        with torch.no_grad():
            outputs = fn(ctx, *args)
        if not torch.is_grad_enabled():
            return outputs
        if not any(isinstance(each, torch.Tensor) and each.requires_grad for each in args):
            return outputs
        several = isinstance(outputs, tuple)
        items = list(outputs) if several else [outputs]
        for i, each in enumerate(items):
            if each is not None:
                items[i] = _Once.apply(each.detach().requires_grad_())
        return tuple(items) if several else items[0]
    return wrapper
