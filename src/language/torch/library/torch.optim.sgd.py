"""Stochastic gradient descent."""
import torch
from torch.optim._steps import momentum_step
from torch.optim.optimizer import Optimizer


class SGD(Optimizer):
    def __init__(
        self, params, lr=0.001, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False,
        foreach=None, differentiable=False, fused=None,
    ):
        if lr < 0.0:
            raise ValueError(f'Invalid learning rate: {lr}')
        if momentum < 0.0:
            raise ValueError(f'Invalid momentum value: {momentum}')
        if weight_decay < 0.0:
            raise ValueError(f'Invalid weight_decay value: {weight_decay}')
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError('Nesterov momentum requires a momentum and zero dampening')
        super().__init__(params, dict(
            lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov,
            maximize=maximize, foreach=foreach, differentiable=differentiable, fused=fused,
        ))

    def _update(self, group, param, grad):
        momentum = group['momentum']
        if group['weight_decay'] != 0:
            grad = grad.add(param, alpha=group['weight_decay'])
        if momentum != 0:
            state = self.state[param]
            buffer = state.get('momentum_buffer')
            if buffer is None:
                buffer = grad.detach().clone()
            elif not group['nesterov'] and momentum_step(
                param, grad, buffer, group['lr'], momentum, group['dampening']
            ):
                return
            else:
                buffer.mul_(momentum).add_(grad, alpha=1 - group['dampening'])
            state['momentum_buffer'] = buffer
            grad = grad.add(buffer, alpha=momentum) if group['nesterov'] else buffer
        param.add_(grad, alpha=-group['lr'])
